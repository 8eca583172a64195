/** A scratch machine for tests of installing: trees, kernels with modules, and small but real kernel objects. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Placement, PlaceOrder, WithdrawOrder } from "../../../src/act/install/place-order.ts";
import { placePair } from "../../../src/act/install/place.ts";
import { stampPlaced, writeStamp } from "../../../src/act/stamps/write-stamp.ts";
import type { WantedObject } from "../../../src/model/kernel-object.ts";
import {
  activeLink,
  activeLinkText,
  movedLayout,
  resultDirectory,
  type Layout,
} from "../../../src/model/machine/layout.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";
import type { Event } from "../../../src/model/run/outcome.ts";
import type { KernelId, Pair } from "../../../src/model/pair.ts";
import { describePlaced } from "../../../src/observe/objects/placed-objects.ts";

/** The kernel of every scratch machine. */
export const kernel: KernelId = { release: kernelRelease("6.1.0-test"), arch: architecture("x86_64") };

/** Fields of `.modinfo`. */
export type Fields = Readonly<Record<string, string>>;

/** One scratch machine. */
export interface Scratch {
  readonly root: string;
  readonly layout: Layout;
  /** `<install_tree>/<release>` */
  readonly modules: string;
  readonly warnings: string[];
  readonly messages: string[];
  readonly tell: (event: Event) => void;
  remove(): void;
}

/** Makes a machine whose kernel has one plain module of its own, `kernel/fs/ext4.ko`. */
export function makeScratch(): Scratch {
  const root = mkdtempSync(join(tmpdir(), "dkms-install-"));
  const layout = movedLayout({
    dkmsTree: join(root, "dkms"),
    sourceTree: join(root, "src"),
    installTree: join(root, "lib/modules"),
  });
  const modules = join(layout.installTree, kernel.release);
  const warnings: string[] = [];
  const messages: string[] = [];
  put(join(modules, "kernel/fs/ext4.ko"), elf({ name: "ext4" }));
  mkdirSync(layout.dkmsTree, { recursive: true });
  const tell = (event: Event): void => {
    if (event.kind === "note") (event.level === "warning" ? warnings : messages).push(event.text);
  };
  return {
    root,
    layout,
    modules,
    warnings,
    messages,
    tell,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** `name/version` for the test kernel. */
export function pairOf(text: string): Pair {
  const [name = "", version = ""] = text.split("/");
  return { module: { name: moduleName(name), version: moduleVersion(version) }, kernel };
}

/** Registers a module with a source, and puts built objects (file name to content) into its result directory. */
export function build(scratch: Scratch, module: string, objects: Readonly<Record<string, Uint8Array>>): Pair {
  const pair = pairOf(module);
  const result = join(resultDirectory(scratch.layout, pair), "module");
  mkdirSync(result, { recursive: true });
  for (const [name, bytes] of Object.entries(objects)) put(join(result, name), bytes);
  const source = join(scratch.layout.sourceTree, module.replace("/", "-"));
  mkdirSync(source, { recursive: true });
  spawnSync("ln", ["-sfn", source, join(scratch.layout.dkmsTree, module, "source")]);
  return pair;
}

/** Makes a pair active by hand, as an earlier run has left it. */
export function activate(scratch: Scratch, pair: Pair): void {
  const link = activeLink(scratch.layout, pair.module.name, pair.kernel);
  rmSync(link, { force: true });
  symlinkSync(activeLinkText(pair), link);
}

/** An order to install, on Arch. */
export function placing(
  scratch: Scratch,
  pair: Pair,
  names: readonly string[],
  more: Partial<PlaceOrder> = {},
): PlaceOrder {
  return {
    layout: scratch.layout,
    pair,
    scheme: { distribution: "arch", addonDirectory: undefined },
    objects: names.map((destName): WantedObject => ({ destName, destLocation: "/kernel/drivers/misc" })),
    options: { force: false, versionCheck: true, objects: "copied" },
    tell: scratch.tell,
    ...more,
  };
}

/** Installs a pair and remembers in a stamp what has become of its objects, as a run does. */
export async function placeStamped(order: PlaceOrder): Promise<Placement> {
  const { layout, pair } = order;
  const placement = await placePair(order);
  writeStamp(layout, pair, { beyond: [], index: "", content: () => "" }, undefined);
  stampPlaced(layout, pair, describePlaced(layout, pair, placement.installed), placement.refused);
  return placement;
}

/** An order to uninstall, on Arch; without names as when the source was removed. */
export function withdrawing(scratch: Scratch, pair: Pair, names?: readonly string[]): WithdrawOrder {
  const { layout, scheme, objects, tell } = placing(scratch, pair, names ?? []);
  return { layout, pair, scheme, tell, objects: names === undefined ? undefined : objects };
}

/** Writes a file with the directories that it needs. */
export function put(path: string, content: Uint8Array | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Every file and link below a directory with a mark of its content, for comparing whole trees. */
export function snapshot(directory: string): Readonly<Record<string, string>> {
  const find = ["-printf", "%P\\t%y\\t%l\\n"];
  const lines = execFileSync("find", [directory, ...find], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");
  const content: Record<string, string> = {};
  for (const line of lines.toSorted()) {
    const [path = "", kind = "", target = ""] = line.split("\t");
    content[path] =
      kind === "f"
        ? createHash("sha256")
            .update(readFileSync(join(directory, path)))
            .digest("hex")
            .slice(0, 12)
        : `${kind} ${target}`;
  }
  return content;
}

const made = new Map<string, Buffer>();

/** The bytes of a real object file of this machine whose `.modinfo` has these fields. */
export function elf(fields: Fields): Buffer {
  const key = JSON.stringify(fields);
  const known = made.get(key);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), "dkms-elf-"));
  try {
    const attribute = `__attribute__((section(".modinfo"), used))`;
    const lines = Object.entries({ license: "GPL", ...fields }).map(
      ([field, value], index) => `static const char f${index}[] ${attribute} = "${field}=${value}";`,
    );
    const source = put(join(directory, "object.c"), [...lines, "int answer(void) { return 42; }", ""].join("\n"));
    execFileSync("gcc", ["-g", "-c", source, "-o", join(directory, "object.ko")]);
    const bytes = readFileSync(join(directory, "object.ko"));
    made.set(key, bytes);
    return bytes;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** An object compressed by the real program. */
export function packed(program: "gzip" | "xz" | "zstd", bytes: Uint8Array): Buffer {
  return execFileSync(program, program === "xz" ? ["-c", "--check=crc32"] : ["-c"], { input: bytes });
}
