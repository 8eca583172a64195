/** Finds what the boot loader will start for a kernel: presets of mkinitcpio, layouts of kernel-install, Unified Kernel Images, usual names in /boot. */
import type { BootEntry, StartFacts } from "../../model/boot/facts.ts";
import { DkmsError } from "../../model/errors.ts";
import { readText } from "../../system/files/content.ts";
import { fileKind, listEntries, targetKind } from "../../system/files/files.ts";
import { findProgram } from "../../system/process/processes.ts";
import { readKernelFile } from "./kernel-file.ts";
import { unmountedAbove } from "./mounts.ts";
import { parsePreset, type PresetImage } from "./preset.ts";

/** Which kernel, and which mount points are empty. */
export interface EntrySubject {
  readonly pkgbase: string | undefined;
  readonly release: string;
  readonly unmounted: readonly string[];
}

/** Where the EFI system partition, or what boot loaders read, is mounted. */
const bootDirectories: readonly string[] = ["/boot", "/efi", "/boot/efi"];

/** An entry whose image has not been read yet: only its path is known. */
export interface FoundEntry extends Omit<BootEntry, "image"> {
  readonly image: string | undefined;
}

/** What was found; the first entry is the one that boots by itself. */
export type FoundStart =
  | Extract<StartFacts, { kind: "unknown" }>
  | { readonly kind: "known"; readonly entries: readonly [FoundEntry, ...FoundEntry[]] };

/** Finds the entries of a kernel. What this user may not look at makes the answer `unknown`. */
export function findStart(subject: EntrySubject): FoundStart {
  try {
    return search(subject);
  } catch (error) {
    if (error instanceof DkmsError) return { kind: "unknown", why: withoutStop(error.message) };
    throw error;
  }
}

function search(subject: EntrySubject): FoundStart {
  const preset = presetEntries(subject);
  if (preset?.kind === "unknown") return preset;
  const isThere = ({ kernel, image }: FoundEntry): boolean =>
    [kernel.path, image].some((path) => path !== undefined && targetKind(path) !== "none");
  const named = preset?.entries ?? [];
  const usual = usualNames(subject);
  const candidates = [
    named.some(isThere) ? named : [],
    installedByKernelInstall(subject),
    unifiedImages(subject),
    // Where a preset names other files, a kernel without its image is only left over.
    named.length === 0 ? usual : usual.filter(({ image }) => image !== undefined && targetKind(image) !== "none"),
    named,
    missingKernelInstall(subject),
  ];
  const [first, ...others] = candidates.find((entries) => entries.length > 0) ?? [];
  return first === undefined
    ? { kind: "unknown", why: unknownSetup(subject) }
    : { kind: "known", entries: [first, ...others] };
}

function unknownSetup({ unmounted }: EntrySubject): string {
  const empty = bootDirectories.find((directory) => unmounted.includes(directory));
  return empty === undefined
    ? "how this machine boots is not known: neither presets of mkinitcpio, nor kernels in /boot or /efi were found"
    : `${empty} is in /etc/fstab and not mounted, so what the boot loader reads could not be looked at`;
}

function makeEntry(
  { unmounted }: EntrySubject,
  from: string,
  kernel: BootEntry["kernel"] | string,
  image?: string,
): FoundEntry {
  const file = typeof kernel === "string" ? { path: kernel, state: readKernelFile(kernel) } : kernel;
  const path = file.path ?? image;
  return { from, kernel: file, image, unmounted: path === undefined ? undefined : unmountedAbove(path, unmounted) };
}

const presetDirectory = "/etc/mkinitcpio.d";

/** Undefined without a preset of the kernel's package. */
function presetEntries(
  subject: EntrySubject,
):
  | { readonly kind: "known"; readonly entries: readonly FoundEntry[] }
  | Extract<FoundStart, { kind: "unknown" }>
  | undefined {
  if (subject.pkgbase === undefined) return undefined;
  const path = `${presetDirectory}/${subject.pkgbase}.preset`;
  const text = readText(path);
  if (text === undefined) return undefined;
  const preset = parsePreset(text);
  if (preset.kind === "code") {
    const why = `${path} is more than plain assignments in line ${preset.line}, so which image it names was not found out`;
    return { kind: "unknown", why };
  }
  return { kind: "known", entries: preset.images.flatMap((image) => presetEntry(subject, path, image)) };
}

function presetEntry(subject: EntrySubject, from: string, { kernel, image, uki }: PresetImage): readonly FoundEntry[] {
  return [
    ...(image === undefined ? [] : [makeEntry(subject, from, presetKernel(subject, kernel), image)]),
    ...(uki === undefined ? [] : [makeEntry(subject, from, uki, uki)]),
  ];
}

/** A preset may name a release instead of a file (Arch Linux ARM's do): then the kernel has one of its usual names. */
function presetKernel({ pkgbase, release }: EntrySubject, named: string | undefined): BootEntry["kernel"] | string {
  if (named?.startsWith("/") === true) return named;
  const usual = [`/boot/vmlinuz-${pkgbase}`, "/boot/Image", "/boot/Image.gz"];
  const found = usual.find((path) => targetKind(path) === "file");
  if (found !== undefined) return found;
  const isOther = named !== undefined && /^\d/.test(named) && named !== release;
  return {
    path: undefined,
    state: { kind: "unknown", why: isOther ? `the preset names kernel ${named}` : "the preset names no kernel file" },
  };
}

/** `<boot>/<token>/<release>/linux` with its initrd beside it, see kernel-install(8). */
function installedByKernelInstall(subject: EntrySubject): readonly FoundEntry[] {
  return tokenDirectories().flatMap((token) => {
    const directory = `${token}/${subject.release}`;
    if (targetKind(`${directory}/linux`) !== "file") return [];
    const image = listEntries(directory).find(({ name }) => /^(initrd|initramfs)/.test(name))?.name;
    const path = image === undefined ? undefined : `${directory}/${image}`;
    return [makeEntry(subject, "kernel-install", `${directory}/linux`, path)];
  });
}

/** Where kernel-install has put other kernels, this one should be. */
function missingKernelInstall(subject: EntrySubject): readonly FoundEntry[] {
  const used = tokenDirectories().find((token) =>
    listEntries(token).some(({ name }) => targetKind(`${token}/${name}/linux`) === "file"),
  );
  return used === undefined ? [] : [makeEntry(subject, "kernel-install", `${used}/${subject.release}/linux`)];
}

function tokenDirectories(): readonly string[] {
  return bootDirectories.flatMap((directory) =>
    listEntries(directory)
      .filter(({ name, kind }) => kind === "directory" && !/^(efi|loader|grub|lost\+found)$/i.test(name))
      .map(({ name }) => `${directory}/${name}`),
  );
}

/** `<boot>/EFI/Linux/*.efi` of this release: systemd-boot offers all of them. */
function unifiedImages(subject: EntrySubject): readonly FoundEntry[] {
  return bootDirectories
    .map((directory) => `${directory}/EFI/Linux`)
    .flatMap((directory) =>
      listEntries(directory)
        .filter(({ name }) => name.toLowerCase().endsWith(".efi"))
        .map(({ name }) => makeEntry(subject, "Unified Kernel Image", `${directory}/${name}`, `${directory}/${name}`)),
    )
    .filter(({ kernel: { state } }) => state.kind === "release" && state.release === subject.release);
}

/** Names by the kernel's package, as dracut's and booster's hooks give them on Arch, or by its release. */
function usualNames(subject: EntrySubject): readonly FoundEntry[] {
  const { pkgbase, release } = subject;
  const ofRelease = `/boot/vmlinuz-${release}`;
  if (targetKind(ofRelease) === "file") {
    const images = [`/boot/initramfs-${release}.img`, `/boot/initrd.img-${release}`];
    return [makeEntry(subject, "its release", ofRelease, images.find(isThere))];
  }
  if (pkgbase === undefined) return [];
  const kernel = `/boot/vmlinuz-${pkgbase}`;
  const [dracut, booster] = [`/boot/initramfs-${pkgbase}.img`, `/boot/booster-${pkgbase}.img`];
  const images = [dracut, booster].filter(isThere);
  if (!isThere(kernel) && images.length === 0) {
    // Where another package's kernel has such a name, this one's is missing.
    const isUsed = listEntries("/boot").some(({ name }) => name.startsWith("vmlinuz-linux"));
    return isUsed ? [makeEntry(subject, "its package", kernel)] : [];
  }
  if (images.length > 0) return images.map((image) => makeEntry(subject, "its package", kernel, image));
  const expected =
    findProgram("dracut") !== undefined ? dracut : findProgram("booster") !== undefined ? booster : undefined;
  return [makeEntry(subject, "its package", kernel, expected)];
}

const isThere = (path: string): boolean => !["none", "directory"].includes(fileKind(path));

const withoutStop = (text: string): string => text.replace(/\.$/, "");
