/** What working for one kernel takes beyond its headers: late settings, build environment, signing, compression. Found out once a run. */
import type { KernelBuildFacts } from "../model/kernel/kernel-build-facts.ts";
import { kernelDirectory } from "../model/machine/layout.ts";
import { kernelText, type KernelId } from "../model/pair.ts";
import { findKernel } from "../model/machine/world.ts";
import { readBuildEnvironment } from "../observe/settings/build-environment.ts";
import { compressionSuffix } from "../observe/kernel/compression.ts";
import { confVariables } from "../observe/conf/confs.ts";
import { readKernelBuildFacts } from "../observe/kernel/kernel-build-facts.ts";
import { readLateSettings } from "../observe/settings/framework-conf.ts";
import { signingPin } from "../system/environment.ts";
import type { ActContext } from "./context.ts";
import { type FinishSettings } from "./finish/finish.ts";
import { prepareSigning } from "./finish/sign.ts";
import { stripProgramFor } from "./finish/strip.ts";

/** The setup of one kernel. */
export interface KernelSetup {
  /** Variables that the administrator's `build_environment` exports, without what only signing needs. */
  readonly variables: Readonly<Record<string, string>>;
  readonly facts: KernelBuildFacts;
  readonly headers: string;
  readonly finish: FinishSettings;
  /** Paths of signing keys, which no build may read. */
  readonly keys: readonly string[];
}

/** Finds the setup of every kernel out once, however many pairs ask at the same time. */
export class KernelSetups {
  readonly #setups = new Map<string, Promise<KernelSetup>>();

  /** The setup of a kernel whose headers are known to be there. */
  of(kernel: KernelId, context: ActContext): Promise<KernelSetup> {
    const key = kernelText(kernel);
    const known = this.#setups.get(key) ?? readSetup(kernel, context);
    this.#setups.set(key, known);
    return known;
  }
}

const noFacts: KernelBuildFacts = {
  config: undefined,
  configPath: "",
  compiler: {},
  llvm: false,
  makesBtf: false,
  signatureHash: undefined,
};

function secretFiles(...keys: readonly (string | undefined)[]): readonly string[] {
  return keys.filter((key) => key !== undefined).filter((key) => key.startsWith("/"));
}

/** A module's own make and scripts have no use for the PIN: it would stand in logs, and in the key of the kept result. */
function withoutSecrets(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name !== signingPin));
}

async function readSetup(kernel: KernelId, context: ActContext): Promise<KernelSetup> {
  const { framework, layout, world, tell } = context;
  const headers = context.options.kernelSource ?? findKernel(world, kernel).headers ?? "";
  const facts =
    world.facts.get(kernelText(kernel)) ??
    (headers === "" ? noFacts : readKernelBuildFacts({ headers, config: context.options.kernelConfig }));
  const shellVariables = confVariables(context, kernel, facts);
  const late = await readLateSettings(framework.files, shellVariables);
  const environment =
    late.buildEnvironment === undefined
      ? { variables: {}, warnings: [] }
      : await readBuildEnvironment(late.buildEnvironment.value, shellVariables);
  for (const text of [...late.warnings, ...environment.warnings]) tell({ kind: "note", level: "warning", text });
  const signing = await prepareSigning(
    {
      layout,
      release: kernel.release,
      facts,
      settings: late,
      headers,
      policy: framework.trySignModules.value,
      variables: environment.variables,
    },
    tell,
  );
  return {
    variables: withoutSecrets(environment.variables),
    facts,
    headers,
    // Also where nothing is signed: what framework.conf names is a secret all the same.
    keys: secretFiles(signing?.key, late.signingKey?.value),
    finish: {
      stripProgram: stripProgramFor(environment.variables["CC"] ?? facts.compiler.CC),
      signing,
      compression: {
        suffix: compressionSuffix(kernelDirectory(layout, kernel.release)),
        gzipOptions: framework.gzipOptions.value,
        xzOptions: framework.xzOptions.value,
        zstdOptions: framework.zstdOptions.value,
      },
      variables: withoutSecrets(environment.variables),
      jobs: 2,
      signal: context.signal,
    },
  };
}
