/** What a build is given: the pair with all that its conf says, and what all builds of a run have in common. */
import type { Directives } from "../../model/conf/directives.ts";
import type { KernelBuildFacts } from "../../model/kernel/kernel-build-facts.ts";
import type { Layout } from "../../model/machine/layout.ts";
import type { ObjectDirectives } from "../../model/conf/object-directives.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { Pair } from "../../model/pair.ts";
import type { SandboxSettings } from "../../model/settings/sandbox-settings.ts";
import type { Explain } from "../../model/run/failure-evidence.ts";
import type { JobPool } from "../jobs/jobserver.ts";

/** One pair to build. */
export interface BuildInput {
  readonly pair: Pair;
  /** The module's source directory. */
  readonly source: string;
  /** The kernel's headers, `<install_tree>/K/build` or what the user named. */
  readonly kernelSource: string;
  readonly directives: Pick<Directives, "make" | "patches" | "scripts">;
  /** The objects that are wanted for this kernel: those that its constraints exclude are left out by the caller. */
  readonly objects: readonly Pick<ObjectDirectives, "builtName" | "builtLocation" | "destName" | "strip">[];
  readonly facts: Pick<KernelBuildFacts, "compiler" | "llvm">;
  /** Names of BUILD_DEPENDS: the sandbox shows their sources and results. */
  readonly dependencies: readonly string[];
  /** Paths that conf, command line and settings name: the sandbox shows them, read-only. */
  readonly readable: readonly string[];
  /** Variables that the administrator's `build_environment` exports. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A built object where it waits to be stripped, signed and compressed in place. */
export interface StagedObject {
  readonly file: string;
  readonly strip: boolean;
}

/** What all builds of a run have in common. */
export interface BuildEnvironment {
  /** Who writes the logs: `dkms-alpm-0.1.0`. */
  readonly program: string;
  readonly layout: Layout;
  readonly sandbox: SandboxSettings;
  readonly pool: JobPool;
  /** Seconds that one command may take; 0 for no limit. */
  readonly timeLimit: number;
  /** Strips, signs and compresses; called once with all objects of the pair. */
  readonly finish: (objects: readonly StagedObject[]) => Promise<unknown>;
  readonly tell: (event: Event) => void;
  readonly signal: AbortSignal;
  /** Finds what can be done about a failure. */
  readonly explain?: Explain | undefined;
}
