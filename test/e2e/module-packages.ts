/** Module packages for test machines: real ones from Debian's archive, and tiny ones made up here. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { contentKey } from "./cache.ts";
import { need } from "./command.ts";
import { unpackedDeb } from "./debs.ts";
import { makePackage, type PackageFile, type PackageSpec } from "./packages.ts";

/** What any module package can have beyond its source. */
type Relations = Partial<
  Pick<PackageSpec, "depends" | "provides" | "conflicts" | "replaces" | "install" | "version" | "optdepends">
>;

export interface ModulePackageSpec extends Relations {
  /** A package of Debian's archive that has a source tree below /usr/src, such as `v4l2loopback-dkms`. */
  readonly deb: string;
  /** Name of the pacman package; the Debian name by default. */
  readonly name?: string;
  /** Name of the folder below usr/src; Debian's by default. */
  readonly folder?: string;
  /** Replaces PACKAGE_NAME and PACKAGE_VERSION in dkms.conf. */
  readonly packageName?: string;
  readonly packageVersion?: string;
  /** Files to write into the source folder, by path relative to it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Replacements of literal text, by path relative to the source folder; text that is not there is an error. */
  readonly edits?: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>;
}

/** Repackages a Debian `*-dkms` package, or finds the result in the cache. */
export async function modulePackage(spec: ModulePackageSpec): Promise<string> {
  const { deb, name, folder, packageName, packageVersion, files, edits, ...relations } = spec;
  const source = await unpackedDeb(deb);
  const original = readdirSync(join(source.folder, "usr/src")).find((entry) =>
    existsSync(join(source.folder, "usr/src", entry, "dkms.conf")),
  );
  if (original === undefined) throw new Error(`${source.file} has no usr/src/*/dkms.conf`);
  return makePackage({
    version: pacmanVersion(source.version),
    depends: ["dkms"],
    ...relations,
    name: name ?? deb,
    fill: {
      key: contentKey([source.file, folder, packageName, packageVersion, files, edits]),
      into: async (root) => {
        const target = join(root, "usr/src", folder ?? original);
        mkdirSync(dirname(target), { recursive: true });
        await need(["cp", "-a", join(source.folder, "usr/src", original), target]);
        if (packageName !== undefined) setDirective(target, "PACKAGE_NAME", packageName);
        if (packageVersion !== undefined) setDirective(target, "PACKAGE_VERSION", packageVersion);
        for (const [path, text] of Object.entries(files ?? {})) write(join(target, path), text);
        for (const [path, pairs] of Object.entries(edits ?? {})) edit(join(target, path), pairs);
      },
    },
  });
}

export interface TinyModuleSpec extends Relations {
  /** Module and package name; the pacman package is called `<name>-dkms` unless `package` says otherwise. */
  readonly name: string;
  readonly moduleVersion: string;
  readonly package?: string;
  /** Name of the folder below usr/src; `<name>-<moduleVersion>` by default. */
  readonly folder?: string;
  /** Lines to add to dkms.conf, where later ones win: `BUILD_DEPENDS[0]="other"`, `POST_REMOVE="after-remove"`. */
  readonly conf?: string;
  /** More C for the module's source. */
  readonly source?: string;
  /** Makes the compiler fail: always, or for one kernel release. */
  readonly fails?: "always" | { readonly release: string };
  /** Further files of the source folder. */
  readonly files?: Readonly<Record<string, PackageFile>>;
}

/** A made-up module of one small C file, which builds in about a second. */
export function tinyModule(spec: TinyModuleSpec): Promise<string> {
  const { name, moduleVersion, package: packageName, folder, conf, source, fails, files, ...relations } = spec;
  const target = `usr/src/${folder ?? `${name}-${moduleVersion}`}`;
  const extra = Object.entries(files ?? {}).map(([path, file]) => [`${target}/${path}`, file]);
  return makePackage({
    version: `${moduleVersion}-1`,
    depends: ["dkms"],
    ...relations,
    name: packageName ?? `${name}-dkms`,
    files: {
      [`${target}/dkms.conf`]: tinyConf(name, moduleVersion) + (conf ?? ""),
      [`${target}/Makefile`]: tinyMakefile(name, fails),
      [`${target}/${name}.c`]: tinySource(name, moduleVersion) + (source ?? ""),
      ...Object.fromEntries(extra),
    },
  });
}

function tinyConf(name: string, version: string): string {
  return `PACKAGE_NAME="${name}"
PACKAGE_VERSION="${version}"
BUILT_MODULE_NAME[0]="${name}"
DEST_MODULE_LOCATION[0]="/kernel/drivers/misc"
MAKE[0]="make -C \${kernel_source_dir} M=\${dkms_tree}/${name}/${version}/build modules"
AUTOINSTALL="yes"
`;
}

function tinyMakefile(name: string, fails: TinyModuleSpec["fails"]): string {
  const object = `obj-m := ${name}.o\n`;
  if (fails === undefined) return object;
  if (fails === "always") return `${object}ccflags-y += -DFAILS\n`;
  return `${object}ifeq ($(KERNELRELEASE),${fails.release})\nccflags-y += -DFAILS\nendif\n`;
}

function tinySource(name: string, version: string): string {
  return `#include <linux/module.h>

#ifdef FAILS
#error "${name} does not build for this kernel"
#endif

static int __init tiny_init(void)
{
	pr_info("${name} ${version} loaded\\n");
	return 0;
}

static void __exit tiny_exit(void)
{
}

module_init(tiny_init);
module_exit(tiny_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A tiny module");
MODULE_VERSION("${version}");
`;
}

/** `0.12.7-2` as it is, `2.1-1+deb12u1` as `2.1-1`; hyphens of the upstream version, which pacman does not know, as `_`. */
function pacmanVersion(debian: string): string {
  const [, upstream = debian, revision = "1"] = /^(.*)-(\d+)[^-]*$/.exec(debian) ?? [];
  return `${upstream.replaceAll("-", "_")}-${revision}`;
}

/** Sets a directive in dkms.conf where it is first assigned, or at the top. */
function setDirective(folder: string, key: string, value: string): void {
  const path = join(folder, "dkms.conf");
  const conf = readFileSync(path, "utf8");
  const assignment = new RegExp(`^\\s*${key}=.*$`, "m");
  const line = `${key}="${value}"`;
  writeFileSync(path, assignment.test(conf) ? conf.replace(assignment, line) : `${line}\n${conf}`);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function edit(path: string, pairs: readonly (readonly [from: string, to: string])[]): void {
  let text = readFileSync(path, "utf8");
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`${path} does not contain ${JSON.stringify(from)}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(path, text);
}
