/**
 * Lays out a machine with many modules, built and installed for many kernels, as the program itself leaves it, without building anything.
 *
 *   node lay-out.mjs MODULES KERNELS [TREES]
 *
 * TREES are options that name trees of one's own; without them everything goes where a distribution has it.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dkmsProgram } from "../../src/cli/dkms/commands.ts";
import { parseArguments } from "../../src/cli/frame/parse-arguments.ts";
import { readSettings, type Settings } from "../../src/cli/frame/settings.ts";
import {
  activeLink,
  activeLinkText,
  defaultSource,
  kernelDirectory,
  resultDirectory,
} from "../../src/model/machine/layout.ts";
import { sourceLink } from "../../src/model/machine/layout.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../src/model/names.ts";
import { pairKey, type KernelId, type ModuleId, type Pair } from "../../src/model/pair.ts";
import type { Conf } from "../../src/model/machine/world.ts";
import { ConfFiles, laidOverPaths } from "../../src/observe/conf/conf-files.ts";
import { readConfs, readFacts } from "../../src/observe/conf/confs.ts";
import { InputReader } from "../../src/observe/stamps/inputs.ts";
import { readKernel } from "../../src/observe/kernel/kernels.ts";
import { describePlaced } from "../../src/observe/objects/placed-objects.ts";
import { rememberConf } from "../../src/observe/stamps/remembered-confs.ts";
import { stampPlaced, writeStamp } from "../../src/act/stamps/write-stamp.ts";
import { machineArchitecture } from "../../src/system/environment.ts";
import { elf } from "../act/install/scratch.ts";

const [modules = "1", kernels = "1", ...trees] = process.argv.slice(2);
const settings = await readSettings(await parseArguments(["status", ...trees], dkmsProgram.options));
const releases = Array.from({ length: Number(kernels) }, (_, index) => `6.${index}.1-arch1-1`);
const names = Array.from({ length: Number(modules) }, (_, index) => `module-${index}`);
for (const release of releases) layKernel(settings, release);
const ids = names.map((name): ModuleId => ({ name: moduleName(name), version: moduleVersion("1.0") }));
for (const id of ids) laySource(settings, id);
await layPairs(settings, ids, releases);

/** A kernel that a package owns, with headers whose Makefile takes objects that are there already for built. */
function layKernel({ layout }: Settings, release: string): void {
  const directory = kernelDirectory(layout, release);
  const config = Array.from({ length: 9000 }, (_, index) => `CONFIG_OPTION_${index}=${index % 2 === 0 ? "m" : "y"}\n`);
  put(join(directory, "pkgbase"), "linux\n");
  put(join(directory, "modules.order"), "kernel/drivers/misc/in-tree.ko\n");
  put(join(directory, "modules.builtin"), "");
  put(join(directory, "kernel/drivers/misc/in-tree.ko"), elf({ name: "in_tree", version: "1.0" }));
  put(join(directory, "build/include/config/auto.conf"), config.join(""));
  put(join(directory, "build/Makefile"), "modules:\n\t@true\nclean:\n\t@true\n");
}

function laySource({ layout }: Settings, id: ModuleId): void {
  const source = defaultSource(layout, id);
  put(
    join(source, "dkms.conf"),
    `PACKAGE_NAME="${id.name}"
PACKAGE_VERSION="${id.version}"
BUILT_MODULE_NAME[0]="${id.name}"
DEST_MODULE_LOCATION[0]="/kernel/drivers/misc"
MAKE[0]="make -C \${kernel_source_dir} M=\${dkms_tree}/${id.name}/${id.version}/build modules"
CLEAN="make -C \${kernel_source_dir} M=\${dkms_tree}/${id.name}/${id.version}/build clean"
BUILD_EXCLUSIVE_KERNEL="^(5\\.1[0-9]|6)\\."
AUTOINSTALL="yes"
`,
  );
  put(join(source, `${id.name}.ko`), elf({ name: id.name.replace("-", "_"), version: id.version }));
  for (const file of ["Makefile", "main.c", "hardware.c", "hardware.h", "README"]) put(join(source, file), `${file}\n`);
  link(source, sourceLink(layout, id));
}

async function layPairs(
  context: Settings,
  modulesToLay: readonly ModuleId[],
  forReleases: readonly string[],
): Promise<void> {
  const arch = architecture(machineArchitecture());
  const targets = forReleases.map((release): KernelId => ({ release: kernelRelease(release), arch }));
  const pairs = modulesToLay.flatMap((module) => targets.map((kernel): Pair => ({ module, kernel })));
  const facts = readFacts(
    context,
    targets.map((kernel) => readKernel(context.layout, kernel)),
  );
  const sourceOf = (pair: Pair): string => defaultSource(context.layout, pair.module);
  // For the first kernel alone: what the others' say differs in the name of the kernel.
  const confs = await readConfs(
    context,
    facts,
    pairs.filter(({ kernel }) => kernel === targets[0]).map((pair) => ({ pair, source: sourceOf(pair) })),
  );
  const confOf = (pair: Pair): Conf | undefined => {
    const first = targets[0];
    const conf = first === undefined ? undefined : confs.get(pairKey({ ...pair, kernel: first }));
    if (conf === undefined || first === undefined) return undefined;
    return JSON.parse(JSON.stringify(conf).replaceAll(first.release, pair.kernel.release)) as Conf;
  };
  const inputs = new InputReader();
  const files = new ConfFiles(context);
  for (const pair of pairs) {
    const { layout } = context;
    const { name, version } = pair.module;
    const object = elf({ name: name.replace("-", "_"), version });
    const installed = join(kernelDirectory(layout, pair.kernel.release), location(context), `${name}.ko`);
    put(join(resultDirectory(layout, pair), "module", `${name}.ko`), object);
    put(join(resultDirectory(layout, pair), "log/make.log"), "made up\n");
    put(installed, object);
    link(activeLinkText(pair), activeLink(layout, name, pair.kernel));
    const source = sourceOf(pair);
    const headers = join(kernelDirectory(layout, pair.kernel.release), "build");
    const conf = confOf(pair);
    if (conf?.kind !== "valid") throw new Error(`${pairKey(pair)}: its conf is ${conf?.kind ?? "absent"}`);
    const digests = inputs.digests({ source, headers, overrides: laidOverPaths(context, pair) });
    writeStamp(layout, pair, digests, rememberConf(context, files.index(pair, source), conf));
    stampPlaced(layout, pair, describePlaced(layout, pair, [installed]));
  }
}

/** Below a kernel's directory, as the reference has it for Debian and for Arch. */
function location({ scheme }: Settings): string {
  return /^(debian|ubuntu|arch)/.test(scheme.distribution) ? "updates/dkms" : "kernel/drivers/misc";
}

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function link(text: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(text, path);
}
