/** Confs that stamps remember: what evaluating them gave, good for as long as none of their files has changed. */
import type { Pair } from "../../model/pair.ts";
import { projectVersion } from "../../model/project.ts";
import type { Conf } from "../../model/machine/world.ts";
import { callerEnvironment } from "../../system/environment.ts";
import { ConfFiles } from "../conf/conf-files.ts";
import type { ObserveContext } from "../context.ts";
import type { Stamp } from "./stamp.ts";

type ValidConf = Extract<Conf, { kind: "valid" }>;

/** A part of a stamp. */
export interface RememberedConf {
  /** The version of the program that wrote it: another one may understand directives otherwise. */
  readonly program: string;
  /** The files that it was evaluated from, as `ConfFiles` tells them. */
  readonly files: string;
  readonly evaluated: ValidConf;
}

/** Looks up what the stamps of pairs remember; one serves a whole run. */
export class RememberedConfs {
  readonly #files: ConfFiles;
  /** Whether no option and no variable makes confs say something else than they do by themselves. */
  readonly isUsual: boolean;

  constructor(context: ObserveContext, files: ConfFiles = new ConfFiles(context)) {
    this.#files = files;
    this.isUsual = isUsual(context);
  }

  /** The conf of a pair whose source is in a directory, evaluated for its kernel; undefined when it has to be evaluated anew. */
  find({ conf }: Stamp, pair: Pair, source: string): ValidConf | undefined {
    if (!this.isUsual || conf === undefined || conf.program !== projectVersion) return undefined;
    return conf.files === this.#files.index(pair, source) ? conf.evaluated : undefined;
  }
}

/** What a stamp is to remember of a conf, and of its files as they were when it was evaluated. */
export function rememberConf(context: ObserveContext, files: string, evaluated: ValidConf): RememberedConf | undefined {
  return isUsual(context) ? { program: projectVersion, files, evaluated } : undefined;
}

function isUsual({ options }: ObserveContext): boolean {
  const { confFile, kernelSource, kernelConfig, directives } = options;
  if (confFile !== undefined || kernelSource !== undefined || kernelConfig !== undefined) return false;
  return directives.length === 0 && !Object.keys(callerEnvironment()).some((name) => name.startsWith("DKMS_DIRECTIVE"));
}
