/** Which files a pair's conf is read from: its module's dkms.conf, and what an administrator has put into /etc/dkms to override it. */
import { join } from "node:path";
import { sourceLink } from "../../model/machine/layout.ts";
import type { KernelId, ModuleId, Pair } from "../../model/pair.ts";
import { listDirectory, targetKind } from "../../system/files/files.ts";
import { statLine } from "../../system/files/stat-index.ts";
import type { ObserveContext } from "../context.ts";

/** Names of the files that may override a conf, below `/etc/dkms`, in the order in which they are sourced. */
export function overrideNames({ name, version }: ModuleId, { release, arch }: KernelId): readonly string[] {
  return [
    `${name}.conf`,
    `${name}-${version}.conf`,
    `${name}-${version}-${release}.conf`,
    `${name}-${version}-${release}-${arch}.conf`,
    `${name}--${release}.conf`,
    `${name}--${release}-${arch}.conf`,
  ];
}

/** The files below /etc/dkms that may override a pair's conf, existing or not. */
export function overridePaths(context: ObserveContext, pair: Pair): readonly string[] {
  return overrideNames(pair.module, pair.kernel).map((name) => `${context.layout.overrides}/${name}`);
}

/** Everything below /etc/dkms that the build of a pair may read, existing or not: overrides of its conf, and the directory with patches and scripts. */
export function laidOverPaths(context: ObserveContext, pair: Pair): readonly string[] {
  return [...overridePaths(context, pair), `${context.layout.overrides}/${pair.module.name}`];
}

/** The conf of a registered module is read through its link, so that messages and BASH_SOURCE are as with the reference. */
export function confPath(context: ObserveContext, pair: Pair, source: string): string {
  const linked = join(sourceLink(context.layout, pair.module), "dkms.conf");
  return targetKind(linked) === "file" ? linked : join(source, "dkms.conf");
}

/** Tells whether the files of confs are as they were; one serves a whole run, which looks at each file once. */
export class ConfFiles {
  readonly #directory: string;
  readonly #present: ReadonlySet<string>;
  readonly #lines = new Map<string, string>();

  constructor({ layout }: ObserveContext) {
    this.#directory = layout.overrides;
    this.#present = new Set(listDirectory(layout.overrides));
  }

  /** The overrides of a pair's conf that are there. */
  overrides(pair: Pair): readonly string[] {
    if (this.#present.size === 0) return [];
    return overrideNames(pair.module, pair.kernel)
      .filter((name) => this.#present.has(name))
      .map((name) => `${this.#directory}/${name}`);
  }

  /** Those, and the directory with patches and scripts for its module if it is there. */
  laidOver(pair: Pair): readonly string[] {
    const { name } = pair.module;
    return [...this.overrides(pair), ...(this.#present.has(name) ? [`${this.#directory}/${name}`] : [])];
  }

  /** The stats of a pair's conf and of its overrides, as one text. */
  index(pair: Pair, source: string): string {
    return [`${source}/dkms.conf`, ...this.overrides(pair)].map((path) => this.#line(path)).join("\n");
  }

  #line(path: string): string {
    const known = this.#lines.get(path);
    if (known !== undefined) return known;
    const line = `${path} ${statLine(path) ?? "absent"}`;
    this.#lines.set(path, line);
    return line;
  }
}
