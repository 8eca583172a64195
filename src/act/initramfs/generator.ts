/** Programs that write initramfs images, behind one interface. */

/** The kernel whose image is written. */
export interface ImageSubject {
  /** Its pkgbase, which is part of the image's name: `linux`. */
  readonly kernel: string;
  readonly release: string;
}

/** A command: the program, then its arguments. */
type Command = readonly [string, ...string[]];

/** How a generator writes. `aside`: to any file that it is told; `in-place`: to what its own settings name, several images in one run. */
type Writing =
  | { readonly kind: "aside"; readonly command: (subject: ImageSubject, image: string) => Command }
  | { readonly kind: "in-place"; readonly command: (subject: ImageSubject) => Command };

/** One generator. */
export interface ImageGenerator {
  readonly program: string;
  /** The images of a kernel that one run writes; throws `conf-invalid` when its settings name none. */
  readonly images: (subject: ImageSubject) => Promise<readonly [string, ...string[]]>;
  readonly writing: Writing;
  /** Lists the files in an image, one a line, the path at the line's end. */
  readonly lister: (image: string) => Command;
  /** Where a person says what goes into its images. */
  readonly settings: string;
}
