/** The objects that confs want, for the many confs of which the text alone tells that; whatever the text leaves open is for bash. */
import { interpretDirectives } from "../../model/conf/directives.ts";
import { plainConf } from "../../model/conf/plain-conf.ts";
import type { WantedObject } from "../../model/kernel-object.ts";
import { pairKey } from "../../model/pair.ts";
import { readText } from "../../system/files/content.ts";
import { ConfFiles, confPath } from "./conf-files.ts";
import type { ConfSubject } from "./confs.ts";
import type { ObserveContext } from "../context.ts";

/** What the text of a conf tells for any kernel; undefined objects: that it is not valid. */
interface Plain {
  readonly objects: readonly WantedObject[] | undefined;
}

/** `shell`: only bash can tell, once for all kernels. `shell for each kernel`: it may tell something else for each. */
type Told = Plain | "shell" | "shell for each kernel";

/** Reads the texts of confs, each once however many kernels its module is built for. */
export class PlainConfs {
  readonly #context: ObserveContext;
  readonly #files: ConfFiles;
  readonly #isUsual: boolean;
  readonly #known = new Map<string, Told>();

  /** `isUsual`: no option and no variable makes confs say something else than they do by themselves. */
  constructor(context: ObserveContext, { isUsual }: { readonly isUsual: boolean }) {
    this.#context = context;
    this.#files = new ConfFiles(context);
    this.#isUsual = isUsual;
  }

  /** What the conf of a pair's module wants; undefined when only bash can tell. */
  find(subject: ConfSubject): Plain | undefined {
    const told = this.#told(subject);
    return typeof told === "string" ? undefined : told;
  }

  /** The same text for all pairs that one evaluation will do for, as far as their objects are concerned. */
  evaluationOf(subject: ConfSubject): string {
    return this.#told(subject) === "shell for each kernel" ? pairKey(subject.pair) : sourceKey(subject);
  }

  #told(subject: ConfSubject): Told {
    if (!this.#isUsual || this.#files.overrides(subject.pair).length > 0) return "shell for each kernel";
    const key = sourceKey(subject);
    const told = this.#known.get(key) ?? this.#read(confPath(this.#context, subject.pair, subject.source));
    this.#known.set(key, told);
    return told;
  }

  #read(path: string): Told {
    const text = readText(path);
    if (text === undefined) return "shell for each kernel";
    const found = plainConf(text);
    if (found === undefined) return mayLookAtKernel.test(text) ? "shell for each kernel" : "shell";
    const { directives } = interpretDirectives({ path, directives: found, problems: [], stderr: "" });
    return { objects: directives?.objects };
  }
}

/** The variables of dkms that differ between kernels, and the ways to see these without naming them: other files, other names, all variables at once. */
const mayLookAtKernel =
  /kernel|arch|BUILD_EXCLUSIVE|source|eval|declare|typeset|set|\bexport\b|env|local|\$\{!|(?:^|[;&|(\s])\.\s/im;

function sourceKey({ pair, source }: ConfSubject): string {
  return `${pair.module.name}/${pair.module.version} ${source}`;
}
