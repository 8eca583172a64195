/** Machines made at random are booted by a model that knows nothing of the judgement: what it boots is ready, what it does not boot is not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as fc from "fast-check";
import { judgeBoot } from "../../../src/decide/boot/judgement.ts";
import type {
  BootEntry,
  ImageState,
  KernelFacts,
  KernelFileState,
  ModuleFacts,
  RequiredModule,
} from "../../../src/model/boot/facts.ts";
import { kernel, moduleId } from "../world-builder.ts";
import { seed } from "../../form.ts";

const releases = ["6.1", "6.2"] as const;
const names = ["zfs", "wl"] as const;

/** An object file: whose kernel it was built for, and which build it is. */
interface Built {
  readonly release: string;
  readonly arch: string;
  readonly build: number;
  readonly signed: boolean;
}

/** What lies on the machine for one kernel. */
interface Disk {
  readonly release: string;
  /** By module; `none`: wanted and not there; `not-meant`: BUILD_EXCLUSIVE. */
  readonly modules: Readonly<Record<(typeof names)[number], Built | "none" | "not-meant">>;
  readonly isIndexed: boolean;
  readonly refusesUnsigned: boolean;
  readonly kernelFile: { readonly release: string; readonly isWhole: boolean } | "none";
  readonly image:
    | {
        readonly isWhole: boolean;
        readonly release: string;
        readonly objects: Readonly<Partial<Record<string, number>>>;
      }
    | "none";
}

const built = fc.record({
  release: fc.constantFrom(...releases, "6.2", "6.1"),
  arch: fc.constantFrom("x86_64", "x86_64", "x86_64", "aarch64"),
  build: fc.integer({ min: 1, max: 2 }),
  signed: fc.boolean(),
});

const often = <T, U>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ arbitrary: usual, weight: 5 }, { arbitrary: seldom, weight: 1 });

/** Mostly right, so that every single fault is met alone. */
function diskOf(release: string): fc.Arbitrary<Disk> {
  const right = fc.record({
    release: fc.constant(release),
    arch: fc.constant("x86_64"),
    build: fc.constant(2),
    signed: fc.boolean(),
  });
  const module = often(often(right, built), fc.constantFrom("none" as const, "not-meant" as const));
  const file = fc.record({
    release: often(fc.constant(release), fc.constantFrom(...releases)),
    isWhole: often(fc.constant(true), fc.boolean()),
  });
  const image = fc.record({
    isWhole: often(fc.constant(true), fc.boolean()),
    release: often(fc.constant(release), fc.constantFrom(...releases)),
    objects: often(
      fc.constant({ zfs: 2 }),
      fc.record({ zfs: fc.integer({ min: 1, max: 2 }), wl: fc.integer({ min: 1, max: 2 }) }, { requiredKeys: [] }),
    ),
  });
  return fc.record({
    release: fc.constant(release),
    modules: fc.record({ zfs: module, wl: module }),
    isIndexed: often(fc.constant(true), fc.boolean()),
    refusesUnsigned: often(fc.constant(false), fc.boolean()),
    kernelFile: often(file, fc.constant("none" as const)),
    image: often(image, fc.constant("none" as const)),
  });
}

const machines = fc.record({
  disks: fc
    .array(fc.constantFrom(...releases), { maxLength: 2 })
    .chain((list) => fc.tuple(...[...new Set(list)].map(diskOf))),
  required: fc.constantFrom<readonly (typeof names)[number][]>([], ["zfs"], ["zfs"], ["zfs", "wl"]),
});

/** Boots it: the loader starts the kernel, the kernel unpacks the image and loads what the root needs from it, then the rest from the disk. */
function boots(disk: Disk, required: readonly string[]): boolean {
  if (disk.kernelFile === "none" || !disk.kernelFile.isWhole) return false;
  const running = disk.kernelFile.release;
  if (running !== disk.release || disk.image === "none" || !disk.image.isWhole || disk.image.release !== running)
    return false;
  const loads = (object: Built): boolean =>
    object.release === running && object.arch === "x86_64" && (object.signed || !disk.refusesUnsigned);
  for (const name of names) {
    const object = disk.modules[name];
    const isRequired = required.includes(name);
    if (object === "not-meant" && !isRequired) continue;
    if (typeof object === "string" || !loads(object) || !disk.isIndexed) return false;
    // The image has to hold this very build.
    if (isRequired && disk.image.objects[name] !== object.build) return false;
  }
  return true;
}

/** What the readers would find on it. Build n was put in place at the time 100 n; an image is written after the newest build in it. */
function facts(disk: Disk): KernelFacts {
  const { release } = disk;
  const modules = names.map((name): ModuleFacts => {
    const object = disk.modules[name];
    if (object === "not-meant") return { name, presence: { kind: "excluded", why: "too new" } };
    const id = moduleId(`${name}/1`);
    if (object === "none") return { name, presence: { kind: "missing", id, cause: { kind: "not-installed" } } };
    const one = {
      name,
      path: `/${name}.ko`,
      bytes: "placed" as const,
      vermagic: `${object.release} SMP `,
      machine: object.arch,
      indexed: disk.isIndexed,
      signed: object.signed,
      signatureDemand: disk.refusesUnsigned && !object.signed ? "it is locked down" : undefined,
      placedAt: object.build * 100,
    };
    return { name, presence: { kind: "installed", id, objects: [one] } };
  });
  const state: KernelFileState =
    disk.kernelFile === "none"
      ? { kind: "absent" }
      : disk.kernelFile.isWhole
        ? { kind: "release", release: disk.kernelFile.release }
        : { kind: "damaged", why: "it is cut off" };
  const entry: BootEntry = {
    from: "a preset",
    kernel: { path: "/boot/vmlinuz", state },
    image: { path: "/boot/initramfs", state: imageState(disk) },
    unmounted: undefined,
  };
  return { kernel: kernel(release), pkgbase: "linux", modules, start: { kind: "known", entries: [entry] } };
}

function imageState({ image, modules }: Disk): ImageState {
  if (image === "none") return { kind: "absent" };
  if (!image.isWhole) return { kind: "damaged", why: "it is cut off" };
  const inside = Object.entries(image.objects);
  // Bytes decide for what is newer on disk; an image never holds a newer build than the disk.
  const isSame = (name: string, build: number | undefined): boolean => {
    const object = modules[name as (typeof names)[number]];
    return typeof object === "object" && object.build === build;
  };
  return {
    kind: "listed",
    writtenAt: 50,
    objects: new Set(inside.map(([name]) => name)),
    releases: new Set([image.release]),
    same: new Set(inside.filter(([name, build]) => isSame(name, build)).map(([name]) => name)),
    uncompared: new Set(),
  };
}

test("ready is what boots, and nothing else", () => {
  const count = { ready: 0, not: 0 };
  fc.assert(
    fc.property(machines, ({ disks, required }) => {
      const needs = required.map((name): RequiredModule => ({ name, because: "it is" }));
      const { kernels, nothingLeft } = judgeBoot({ kernels: disks.map(facts), required: needs });
      for (const [index, disk] of disks.entries()) {
        const expected = boots(disk, required) ? "ready" : "not-ready";
        assert.is(kernels[index]?.verdict.kind, expected);
        count[expected === "ready" ? "ready" : "not"] += 1;
      }
      if (disks.some((disk) => boots(disk, required))) assert.is(nothingLeft, undefined);
      if (disks.length === 0) assert.is(nothingLeft?.kind, "no-kernel");
    }),
    { numRuns: 3000, seed },
  );
  assert.ok(count.ready > 200 && count.not > 200, JSON.stringify(count));
});

test.run();
