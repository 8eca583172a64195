/** Builds facts of the next boot from a few words. */
import type {
  BootEntry,
  ImageState,
  KernelFacts,
  KernelFileState,
  ModuleFacts,
  ModulePresence,
  ObjectFacts,
} from "../../../src/model/boot/facts.ts";
import { kernel, moduleId } from "../world-builder.ts";

/** An object that is as it should be for a release. */
export function object(release: string, changes: Partial<ObjectFacts> = {}): ObjectFacts {
  return {
    name: "zfs",
    path: `/usr/lib/modules/${release}/updates/dkms/zfs.ko`,
    bytes: "placed",
    vermagic: `${release} SMP mod_unload `,
    machine: "x86_64",
    indexed: true,
    signed: false,
    signatureDemand: undefined,
    placedAt: 100,
    ...changes,
  };
}

/** A module that is installed with one object of its name. */
export function installed(text: string, release: string, changes: Partial<ObjectFacts> = {}): ModuleFacts {
  const id = moduleId(text);
  const objects = [object(release, { name: id.name, ...changes })];
  return { name: id.name, presence: { kind: "installed", id, objects } };
}

/** A module that is not installed. */
export function absent(name: string, presence: ModulePresence): ModuleFacts {
  return { name, presence };
}

/** An image that was listed. */
export function listed(
  objects: readonly string[],
  releases: readonly string[],
  writtenAt = 200,
): Extract<ImageState, { kind: "listed" }> {
  const state = { objects: new Set(objects), releases: new Set(releases) };
  return { kind: "listed", writtenAt, ...state, same: new Set(), uncompared: new Set() };
}

/** What a preset with a kernel and an image gives. */
export function entry(kernelState: KernelFileState, image: ImageState | undefined, name = "linux"): BootEntry {
  return {
    from: `/etc/mkinitcpio.d/${name}.preset`,
    kernel: { path: `/boot/vmlinuz-${name}`, state: kernelState },
    image: image === undefined ? undefined : { path: `/boot/initramfs-${name}.img`, state: image },
    unmounted: undefined,
  };
}

/** A kernel file of a release. */
export function ofRelease(release: string): KernelFileState {
  return { kind: "release", release };
}

/** A kernel of the package `linux` with these modules and entries; without entries its boot setup is not known. */
export function kernelFacts(
  release: string,
  modules: readonly ModuleFacts[],
  ...entries: readonly BootEntry[]
): KernelFacts {
  const [first, ...others] = entries;
  return {
    kernel: kernel(release),
    pkgbase: "linux",
    modules,
    start:
      first === undefined
        ? { kind: "unknown", why: "it is not known how this machine boots" }
        : { kind: "known", entries: [first, ...others] },
  };
}
