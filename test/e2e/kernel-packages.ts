/** Kernels for test machines: Debian's headers, repackaged in the shape of Arch's `linux` and `linux-headers`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, contentKey } from "./cache.ts";
import { need } from "./command.ts";
import { useAnswers, writeAnswers } from "./compiler-answers.ts";
import { debNames, unpackedDeb } from "./debs.ts";
import { generation } from "./generation.ts";
import { makePackage, type PackageFile, type PackageSpec, recipes } from "./packages.ts";

/** Debian's three builds of one kernel. */
export type Flavour = "amd64" | "cloud-amd64" | "rt-amd64";

export interface KernelSpec {
  /** The package's name on Arch: `linux`, `linux-lts`. */
  readonly pkgbase: string;
  /** A release from `releases`, such as `6.1.0-56-amd64`. */
  readonly release: string;
  /** Version of both packages; by default made from the release's number, so that it rises with it. */
  readonly version?: string;
  /** Names of made-up modules that the kernel itself brings below kernel/drivers/misc. */
  readonly modules?: readonly string[];
  /** `made-up` (the rule) weighs nothing; `debian` is the real image with the real modules, for machines that boot. */
  readonly image?: "made-up" | "debian";
  /** `shared` (the rule): Debian's two trees, of which machines share the large one; `whole`: one tree, as Arch has it. */
  readonly headers?: "shared" | "whole";
  /** Further files of the kernel package. */
  readonly files?: Readonly<Record<string, PackageFile>>;
}

export interface KernelPackages {
  readonly release: string;
  readonly version: string;
  /** The archive of the kernel package. */
  readonly kernel: string;
  /** The archive of its headers. */
  readonly headers: string;
  /** Both archives. */
  readonly both: readonly string[];
}

/** How Debian numbers the kernels of a generation: `6.1.0-56` by ABI, `7.2.13+deb14` by release. */
const numbering = generation === "host" ? "6\\.1\\.0-[0-9]+" : "[0-9.]+\\+deb[0-9]+";

/** The kernels of a flavour that the archive has now, oldest first. */
export async function releases(flavour: Flavour): Promise<string[]> {
  const prefix = "linux-headers-";
  const names = await debNames(new RegExp(`^${prefix}${numbering}-${flavour}$`));
  return names.map((name) => name.slice(prefix.length)).toSorted(byNumbers);
}

function byNumbers(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}

/** Those of them that can be booted: for a while after a new kernel the archive has its headers and no image yet. */
export async function bootableReleases(flavour: Flavour): Promise<string[]> {
  const images = new Set(await debNames(/^linux-image-/));
  return (await releases(flavour)).filter((release) => images.has(`linux-image-${release}`));
}

/** The archives of all kernels and headers that this test file has asked for: what all machines with them have in common is made once. */
export const kernelArchives = new Set<string>();

/** Makes the two packages of a kernel, or finds them in the cache. */
export async function kernelPackages(spec: KernelSpec): Promise<KernelPackages> {
  const version = spec.version ?? `${packageVersion(spec.release)}-1`;
  const [kernel, headers] = await Promise.all([kernelPackage(spec, version), headersPackage(spec, version)]);
  for (const archive of [kernel, headers]) kernelArchives.add(archive);
  return { release: spec.release, version, kernel, headers, both: [kernel, headers] };
}

/** `6.1.56` for `6.1.0-56-amd64`, which Debian counts by ABI; `7.2.13` for `7.2.13+deb14-amd64`. */
function packageVersion(release: string): string {
  const [number = "", abi] = release.split(/[-+]/);
  return generation === "host" ? `6.1.${abi}` : number;
}

async function kernelPackage(spec: KernelSpec, version: string): Promise<string> {
  const { release, pkgbase } = spec;
  const folder = `usr/lib/modules/${release}`;
  const made = spec.image === "debian" ? await realKernel(spec) : madeUpKernel(spec);
  return makePackage({
    name: pkgbase,
    version,
    files: { [`${folder}/pkgbase`]: `${pkgbase}\n`, ...made.files, ...spec.files },
    fill: made.fill,
  });
}

type KernelContents = Required<Pick<PackageSpec, "files" | "fill">>;

function madeUpKernel({ release, modules = ["dummy-misc"] }: KernelSpec): KernelContents {
  const folder = `usr/lib/modules/${release}`;
  return {
    files: {
      [`${folder}/vmlinuz`]: `no real kernel, but ${release}\n`,
      [`${folder}/modules.order`]: modules.map((name) => `kernel/drivers/misc/${name}.ko\n`).join(""),
      [`${folder}/modules.builtin`]: "kernel/fs/ext4/ext4.ko\n",
      [`${folder}/modules.builtin.modinfo`]: "ext4.license=GPL\0ext4.file=fs/ext4/ext4\0",
    },
    fill: { key: contentKey(modules), into: (root) => compileModules(join(root, folder), release, modules) },
  };
}

async function realKernel({ release }: KernelSpec): Promise<KernelContents> {
  // The newest suite has split a kernel's package into three, and moved its files to where Arch has them.
  const parts = generation === "host" ? ["image"] : ["base", "modules", "binary"];
  const debs = await Promise.all(parts.map((part) => unpackedDeb(`linux-${part}-${release}`)));
  const into = async (root: string): Promise<void> => {
    const folder = join(root, "usr/lib/modules", release);
    mkdirSync(folder, { recursive: true });
    for (const deb of debs) {
      const modules = generation === "host" ? "lib/modules" : "usr/lib/modules";
      await need(["cp", "-a", `${join(deb.folder, modules, release)}/.`, folder]);
      if (generation === "host")
        await need(["cp", "-a", join(deb.folder, "boot", `vmlinuz-${release}`), join(folder, "vmlinuz")]);
    }
  };
  return { files: {}, fill: { key: contentKey(debs.map(({ file }) => file)), into } };
}

/** Objects with what depmod and modinfo look at: a .modinfo section, and nothing that a kernel could run. */
async function compileModules(folder: string, release: string, modules: readonly string[]): Promise<void> {
  const target = join(folder, "kernel/drivers/misc");
  mkdirSync(target, { recursive: true });
  for (const name of modules) {
    const info = `name=${name}\\0license=GPL\\0version=in-tree\\0vermagic=${release} SMP preempt mod_unload modversions `;
    const source = `const char info[] __attribute__((section(".modinfo"), used)) = "${info}";\n`;
    await need(["gcc", "-c", "-x", "c", "-o", join(target, `${name}.ko`), "-"], { input: source });
  }
}

async function headersPackage(spec: KernelSpec, version: string): Promise<string> {
  const deb = await unpackedDeb(`linux-headers-${spec.release}`);
  const flavour = spec.release.replace(/^[\d.]+(-\d+|\+deb\d+)-/, "");
  const shared = await sharedHeaders(
    spec.release.slice(0, -flavour.length - 1),
    flavour === "rt-amd64" ? "common-rt" : "common",
  );
  return makePackage({
    name: `${spec.pkgbase}-headers`,
    version,
    depends: ["pahole"],
    fill: {
      key: contentKey([deb.file, shared.folder, hasDebianCompiler, spec.headers]),
      into: (root) =>
        (spec.headers === "whole" ? fillWholeHeaders : fillHeaders)(root, {
          release: spec.release,
          source: deb.folder,
          shared,
        }),
    },
  });
}

interface SharedHeaders {
  readonly folder: string;
  /** Debian's package of the programs that belong to the headers: `linux-kbuild-6.1`. */
  readonly kbuild: string;
  /** The folder's name below usr/src. */
  readonly name: string;
}

/** What all flavours of a kernel have in common: 75 MB that machines see by the cache's bind mount instead of installing it. */
async function sharedHeaders(base: string, kind: "common" | "common-rt"): Promise<SharedHeaders> {
  const name = `linux-headers-${base}-${kind}`;
  const programs = generation === "host" ? "linux-kbuild-6.1" : `linux-kbuild-${base}`;
  const [common, kbuild] = await Promise.all([unpackedDeb(name), unpackedDeb(programs)]);
  const folder = await cached(`headers/${contentKey([common.file, kbuild.file, recipes])}`, async (making) => {
    // Hard links: the header files name each other by relative links from usr/src to usr/lib.
    await need(["cp", "-al", join(common.folder, "usr"), join(kbuild.folder, "usr"), making]);
    // Directories instead of the links to them: a build sees the tree that the headers include, and nothing beside it.
    for (const part of ["scripts", "tools"]) {
      const place = join(making, "usr/src", name, part);
      await need(["rm", place]);
      await need(["cp", "-al", join(making, "usr/lib", programs, part), place]);
    }
    if (generation === "host") useAnswers(join(making, "usr/src", name, "scripts"));
  });
  return { folder, kbuild: programs, name };
}

interface HeaderParts {
  readonly release: string;
  /** The unpacked linux-headers-RELEASE. */
  readonly source: string;
  readonly shared: SharedHeaders;
}

/** Debian 12 builds its kernels with gcc-12, and its headers ask for that by name; other hosts have only their own gcc. */
const hasDebianCompiler = existsSync("/usr/bin/gcc-12");

async function fillHeaders(root: string, { release, source, shared }: HeaderParts): Promise<void> {
  const build = join(root, "usr/lib/modules", release, "build");
  mkdirSync(join(build, ".."), { recursive: true });
  await need(["cp", "-a", join(source, "usr/src", `linux-headers-${release}`), build]);
  // Not links: pacman refuses to remove a link whose target lies on a read-only file system, as the cache does in a machine.
  for (const link of ["scripts", "tools"]) {
    await need(["rm", join(build, link)]);
    await need(["cp", "-a", join(shared.folder, "usr/lib", shared.kbuild, link), build]);
  }
  if (generation === "host" && !hasDebianCompiler)
    await need(["sed", "-i", "s/gcc-12/gcc/", join(build, ".kernelvariables")]);
  // Kbuild since 6.13 writes into the headers unless this names the directory that make is started in.
  const output = generation === "host" ? "" : `KBUILD_OUTPUT = /usr/lib/modules/${release}/build\n`;
  const makefile = join(shared.folder, "usr/src", shared.name, "Makefile");
  writeFileSync(join(build, "Makefile"), `${output}include ${makefile}\n`);
  if (generation === "host") await writeAnswers(build);
}

/** Modules such as ZFS look for header files by their paths, and find them in one tree only. */
async function fillWholeHeaders(root: string, { release, source, shared }: HeaderParts): Promise<void> {
  const build = join(root, "usr/lib/modules", release, "build");
  const own = join(source, "usr/src", `linux-headers-${release}`);
  mkdirSync(join(build, ".."), { recursive: true });
  await need(["cp", "-a", join(shared.folder, "usr/src", shared.name), build]);
  for (const part of ["arch", "include", ".config", "Module.symvers", ".kernelvariables"]) {
    await need(["cp", "-a", "--remove-destination", join(own, part), build]);
  }
  for (const part of ["scripts", "tools"]) {
    await need(["rm", "-r", join(build, part)]);
    await need(["cp", "-aL", join(shared.folder, "usr/lib", shared.kbuild, part), build]);
  }
}
