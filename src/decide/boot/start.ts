/** Judges what the boot loader will start for a kernel: the kernel file, and the required modules in its image. */
import type { BootEntry, ImageFile, KernelFacts, ModuleFacts, RequiredModule } from "../../model/boot/facts.ts";
import type { BootFault, BootFindings } from "../../model/boot/verdict.ts";
import { list } from "../../model/boot/words.ts";
import type { KernelId } from "../../model/pair.ts";
import { objectKey } from "../../model/kernel-object.ts";

/** What is judged of it. */
interface StartJudgement {
  /** Of the entry that boots unless somebody chooses another. */
  readonly faults: readonly BootFault[];
  /** Faults of the other entries. */
  readonly remarks: readonly BootFault[];
  readonly found: Pick<BootFindings, "kernelFiles" | "images">;
  /** Why the entry that boots could not be judged. */
  readonly unknown: string | undefined;
  readonly unchecked: readonly string[];
}

interface EntryJudgement {
  readonly faults: readonly BootFault[];
  readonly unknown: string | undefined;
  readonly kernelFile: string | undefined;
  readonly image: { readonly path: string; readonly contains: readonly string[] } | undefined;
}

/** Judges every entry; the first one decides. */
export function judgeStart(
  { kernel, modules, start }: KernelFacts,
  required: readonly RequiredModule[],
): StartJudgement {
  if (start.kind === "unknown") {
    const found = { kernelFiles: [], images: [] };
    return { faults: [], remarks: [], found, unknown: start.why, unchecked: [start.why] };
  }
  const judged = start.entries.map((entry) => judgeEntry(entry, kernel, modules, required));
  const [first, ...others] = judged;
  return {
    faults: first?.faults ?? [],
    remarks: others.flatMap(({ faults }) => faults),
    found: {
      kernelFiles: [...new Set(judged.flatMap(({ kernelFile }) => kernelFile ?? []))],
      images: judged.flatMap(({ image }) => image ?? []),
    },
    unknown: first?.unknown,
    unchecked: [...new Set(judged.flatMap(({ unknown }) => unknown ?? []))],
  };
}

function judgeEntry(
  entry: BootEntry,
  kernel: KernelId,
  modules: readonly ModuleFacts[],
  required: readonly RequiredModule[],
): EntryJudgement {
  const { unmounted } = entry;
  if (unmounted !== undefined) return judgeUnmounted(entry, kernel, unmounted);
  const { path, state } = entry.kernel;
  const kernelFaults = kernelFaultsOf(entry, kernel);
  // What is part of the kernel itself need not be in an image.
  const isBuiltIn = (name: string): boolean =>
    modules.some((one) => one.name === name && one.presence.kind === "kernels-own" && one.presence.builtIn);
  const inImages = required.filter(({ name }) => !isBuiltIn(name));
  const image = judgeImage(entry, kernel, modules, inImages);
  return {
    faults: [...kernelFaults, ...image.faults],
    unknown: state.kind === "unknown" ? state.why : image.unknown,
    kernelFile: path !== undefined && state.kind === "release" && kernelFaults.length === 0 ? path : undefined,
    image: kernelFaults.length === 0 ? image.image : undefined,
  };
}

/** What lies below the mount point is not what the boot loader reads. It tells one thing: a kernel of this release was written there. */
function judgeUnmounted(entry: BootEntry, kernel: KernelId, mountPoint: string): EntryJudgement {
  const { path, state } = entry.kernel;
  const nothing = { unknown: undefined, kernelFile: undefined, image: undefined };
  if (path !== undefined && state.kind === "release" && state.release === kernel.release) {
    return { ...nothing, faults: [{ kind: "written-below-mount", path, mountPoint }] };
  }
  return {
    ...nothing,
    faults: [],
    unknown: `${mountPoint} is in /etc/fstab and not mounted, so what the boot loader reads could not be looked at`,
  };
}

function kernelFaultsOf({ kernel: { path, state } }: BootEntry, kernel: KernelId): readonly BootFault[] {
  if (path === undefined) return [];
  switch (state.kind) {
    case "absent":
      return [{ kind: "kernel-absent", path }];
    case "damaged":
      return [{ kind: "kernel-damaged", path, why: state.why }];
    case "unknown":
      return [];
    case "release":
      return state.release === kernel.release ? [] : [{ kind: "kernel-other-release", path, release: state.release }];
  }
}

function judgeImage(
  { from, image }: BootEntry,
  kernel: KernelId,
  modules: readonly ModuleFacts[],
  required: readonly RequiredModule[],
): Pick<EntryJudgement, "faults" | "unknown" | "image"> {
  const nothing = { unknown: undefined, image: undefined };
  if (image === undefined) {
    const faults = required.map(({ name, because }): BootFault => {
      return { kind: "no-image", from, module: name, required: because };
    });
    return { ...nothing, faults };
  }
  const { path, state } = image;
  switch (state.kind) {
    case "absent":
      return { ...nothing, faults: [{ kind: "image-absent", path }] };
    case "damaged":
      return { ...nothing, faults: [{ kind: "image-damaged", path, why: state.why }] };
    case "unread":
      // Without a required module an image that is there is enough: nothing was to be looked for in it.
      return { ...nothing, faults: [], unknown: required.length === 0 ? undefined : state.why };
    case "listed": {
      const { releases } = state;
      if (releases.size > 0 && !releases.has(kernel.release)) {
        return { ...nothing, faults: [{ kind: "image-other-release", path, releases: [...releases].toSorted() }] };
      }
      const found = required.map((one) => ({ name: one.name, result: inImage({ path, state }, modules, one) }));
      const faults = found.flatMap(({ result }) => (typeof result === "string" ? [] : [result]));
      const contains = found.flatMap(({ name, result }) => (typeof result === "string" ? [name] : []));
      const uncompared = found.flatMap(({ name, result }) => (result === "uncompared" ? [name] : []));
      const unknown =
        uncompared.length === 0
          ? undefined
          : `${path} is older than the installed ${list(uncompared)} and could not be compared with it`;
      return { faults, unknown, image: { path, contains } };
    }
  }
}

type ImageFault = Extract<BootFault, { kind: "image-lacks" | "image-older" }>;

/** A module is in an image when any of its objects is: nobody boots from all objects of a module. */
function inImage(
  { path, state }: { readonly path: string; readonly state: Extract<ImageFile["state"], { kind: "listed" }> },
  modules: readonly ModuleFacts[],
  { name, because: required }: RequiredModule,
): ImageFault | "contained" | "uncompared" {
  const presence = modules.find((module) => module.name === name)?.presence;
  const objects =
    presence?.kind === "installed" || presence?.kind === "prebuilt"
      ? presence.objects
      : [{ name, placedAt: undefined }];
  const inside = objects.filter((object) => state.objects.has(objectKey(object.name)));
  if (inside.length === 0) return { kind: "image-lacks", path, module: name, required };
  const newer = inside
    .filter((object) => object.placedAt !== undefined && object.placedAt > state.writtenAt)
    .map((object) => objectKey(object.name))
    .filter((key) => !state.same.has(key));
  if (newer.length === 0) return "contained";
  if (newer.every((key) => state.uncompared.has(key))) return "uncompared";
  return { kind: "image-older", path, module: name, required };
}
