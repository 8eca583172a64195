/** What becomes of one hook file of `dkms-hookgen`. */

/** A change of a file, or why there is none. */
export type HookChange =
  | { readonly kind: "write"; readonly text: string; readonly message: string }
  | { readonly kind: "remove"; readonly message: string }
  | { readonly kind: "keep"; readonly message: string }
  | { readonly kind: "refuse"; readonly reason: string; readonly hint: string };
