/** A scratch machine for tests of tarballs: trees, a module with its source, results laid out by hand, and the reference dkms on the same trees. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { movedLayout, resultDirectory, type Layout } from "../../../src/model/machine/layout.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";
import type { Event } from "../../../src/model/run/outcome.ts";
import { interpretOwnSettings } from "../../../src/model/settings/own-settings.ts";
import type { ModuleId, Pair } from "../../../src/model/pair.ts";
import type { ObserveContext } from "../../../src/observe/context.ts";
import { readFrameworkConf } from "../../../src/observe/settings/framework-conf.ts";
import { listTree } from "../../../src/system/files/files.ts";

/** The module of every scratch machine. */
export const hello: ModuleId = { name: moduleName("hello"), version: moduleVersion("1.0") };

export const helloConf = `PACKAGE_NAME="hello"
PACKAGE_VERSION="1.0"
BUILT_MODULE_NAME[0]="hello"
DEST_MODULE_LOCATION[0]="/updates"
AUTOINSTALL="yes"
`;

/** One scratch machine. */
export interface Scratch {
  readonly root: string;
  readonly layout: Layout;
  /** Where temporary files go. */
  readonly temporary: string;
  readonly messages: string[];
  readonly warnings: string[];
  readonly tell: (event: Event) => void;
  context(force?: boolean): Promise<ObserveContext>;
  /** Runs the reference on this machine's trees. */
  reference(...words: readonly string[]): { readonly status: number | null; readonly text: string };
  remove(): void;
}

/** Makes a machine without any module. */
export function makeScratch(): Scratch {
  const root = mkdtempSync(join(tmpdir(), "dkms-archive-"));
  const layout = movedLayout({
    dkmsTree: join(root, "dkms"),
    sourceTree: join(root, "src"),
    installTree: join(root, "modules"),
  });
  const temporary = join(root, "tmp");
  for (const path of [layout.dkmsTree, layout.sourceTree, layout.installTree, temporary]) mkdirSync(path);
  const messages: string[] = [];
  const warnings: string[] = [];
  return {
    root,
    layout,
    temporary,
    messages,
    warnings,
    tell: (event) => {
      if (event.kind === "note") (event.level === "warning" ? warnings : messages).push(event.text);
    },
    context: async (force = false) => ({
      layout,
      framework: {
        ...(await readFrameworkConf(join(root, "etc"))),
        tmpLocation: { value: temporary, from: "default" },
      },
      own: interpretOwnSettings({}, "default"),
      options: {
        force,
        addAlone: "no",
        versionCheck: true,
        depmod: "run",
        modprobe: false,
        objects: "copied",
        confFile: undefined,
        kernelSource: undefined,
        kernelConfig: undefined,
        directives: [],
      },
      scheme: { distribution: "arch", addonDirectory: undefined },
      jobs: undefined,
    }),
    reference: (...words) => {
      const { dkmsTree, sourceTree, installTree } = layout;
      const trees = ["--dkmstree", dkmsTree, "--sourcetree", sourceTree, "--installtree", installTree];
      const { status, stdout, stderr, error } = spawnSync("/usr/sbin/dkms", [...words, ...trees], {
        encoding: "utf8",
        cwd: root,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", TMPDIR: temporary },
      });
      if (error !== undefined) throw error;
      return { status, text: `${stdout}${stderr}` };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A pair of the module hello. */
export function helloPair(release: string, arch = "x86_64"): Pair {
  return { module: hello, kernel: { release: kernelRelease(release), arch: architecture(arch) } };
}

/** Writes files below a directory; a text that begins with `-> ` is a link. */
export function put(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const at = join(directory, path);
    mkdirSync(dirname(at), { recursive: true });
    if (text.startsWith("-> ")) symlinkSync(text.slice(3), at);
    else writeFileSync(at, text);
  }
}

/** Adds the module hello to a machine, with results for the releases. */
export function addHello({ layout }: Scratch, releases: readonly string[]): readonly Pair[] {
  const source = join(layout.sourceTree, "hello-1.0");
  put(source, {
    "dkms.conf": helloConf,
    Makefile: "obj-m := hello.o\n",
    "hello.c": "-> sub/hello.c",
    "sub/hello.c": "int hello;\n",
  });
  put(layout.dkmsTree, { "hello/1.0/source": `-> ${source}` });
  return releases.map((release) => {
    const pair = helloPair(release);
    put(resultDirectory(layout, pair), {
      "log/make.log": `log ${release}\n`,
      "module/hello.ko": `object ${release}\n`,
    });
    return pair;
  });
}

/** Everything below a directory as text: links by their target, files by their content. */
export function snapshot(directory: string): Readonly<Record<string, string>> {
  if (!existsSync(directory)) return {};
  return Object.fromEntries(
    listTree(directory).map(({ path, kind }) => {
      const at = join(directory, path);
      if (kind === "link") return [path, `-> ${readlinkSync(at)}`];
      return [path, kind === "file" ? readFileSync(at, "latin1") : kind];
    }),
  );
}
