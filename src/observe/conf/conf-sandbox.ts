/** What the evaluation of confs sees: their sources, what overrides them, the kernels that they are for, and what they name. */
import { basename, dirname, join } from "node:path";
import { plainConf } from "../../model/conf/plain-conf.ts";
import { readText } from "../../system/files/content.ts";
import { fileFacts, fileKind } from "../../system/files/files.ts";
import { plainView } from "../../system/sandbox/confine.ts";
import { publicFilesIn } from "../../system/sandbox/named-files.ts";
import { wayOf } from "../../system/sandbox/places.ts";
import { PrivateCopies } from "../../system/sandbox/private-copies.ts";
import type { View } from "../../system/sandbox/view.ts";
import type { ConfRequest } from "./dkms-conf.ts";

/** What of a request matters here. */
type Subject = Pick<ConfRequest, "path" | "overrides" | "variables">;

/** A view, and what has to be removed when nobody looks any more. */
export interface ConfSandbox {
  readonly view: View;
  close(): void;
}

/** Makes the view of some evaluations, those of a PKGBUILD among them; `root` is what they see as `/`. */
export async function openConfSandbox(root: string, requests: readonly Subject[]): Promise<ConfSandbox> {
  const below = root === "/" ? "" : root;
  const copies = new PrivateCopies(below);
  const readable = new Set<string>();
  for (const { path, overrides, variables } of requests) {
    // A source is shown whole, since confs read its files; a file that an option names is shown alone.
    const isSource = ["dkms.conf", "PKGBUILD"].includes(basename(path));
    readable.add(isSource ? dirname(path) : path);
    await copies.takePrivate(isSource ? dirname(path) : path, path);
    for (const file of overrides) {
      readable.add(file);
      await copies.takePrivate(file, file);
    }
    for (const name of ["kernel_source_dir", "kernel_config"]) if (variables[name]) readable.add(variables[name]);
    if (variables["install_tree"]) readable.add(join(variables["install_tree"], variables["kernelver"] ?? ""));
    for (const file of publicFilesIn(below, [confText(below, path) ?? ""])) readable.add(file);
  }
  const view = { ...plainView, root, readable: [...readable].filter((path) => path !== "/"), places: copies.places };
  return { view, close: () => copies.remove() };
}

/** Bytes: what is longer names nothing that is shown, and is not taken for plain. */
const longest = 1024 ** 2;

/** The text of a conf; its links are followed below `root`, as the evaluation does. Undefined for what is no file. */
function confText(root: string, path: string): string | undefined {
  const way = wayOf(root, path);
  const real = `${root}${way?.real ?? ""}`;
  if (way === undefined || fileKind(real) !== "file" || (fileFacts(real)?.size ?? 0) > longest) return undefined;
  return readText(real);
}

/**
 * Which requests are evaluated in one sandbox, as lists of their numbers: those of one conf, and those of all confs that run no program. Processes of one
 * sandbox can get at each other, so a conf that runs any could change what another one answers.
 */
export function shareSandboxes(root: string, requests: readonly Subject[]): readonly (readonly number[])[] {
  const below = root === "/" ? "" : root;
  const sandboxes = new Map<string, number[]>();
  const keys = new Map<string, string>();
  for (const [number, { path }] of requests.entries()) {
    const key = keys.get(path) ?? (isPlain(confText(below, path)) ? "" : path);
    keys.set(path, key);
    sandboxes.set(key, [...(sandboxes.get(key) ?? []), number]);
  }
  return [...sandboxes.values()].flatMap((numbers) =>
    Array.from({ length: Math.ceil(numbers.length / mostInOneSandbox) }, (_, part) =>
      numbers.slice(part * mostInOneSandbox, (part + 1) * mostInOneSandbox),
    ),
  );
}

/** What each of them is shown are words of one command line, which Linux limits: this is far below. */
const mostInOneSandbox = 200;

function isPlain(text: string | undefined): boolean {
  return text !== undefined && plainConf(text) !== undefined;
}
