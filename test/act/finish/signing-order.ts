/** What orders to sign have in common. */
import type { LateSettings } from "../../../src/model/settings/framework-settings.ts";
import type { KernelBuildFacts } from "../../../src/model/kernel/kernel-build-facts.ts";

/** A kernel that knows signed modules. */
export const facts: KernelBuildFacts = {
  configPath: "/config",
  config: { path: "/config", options: new Map() },
  compiler: {},
  llvm: false,
  makesBtf: false,
  signatureHash: "sha256",
};

/** A machine where nothing is set. */
export const noSettings: LateSettings = {
  signFile: undefined,
  signingKey: undefined,
  certificate: undefined,
  postTransaction: undefined,
  buildEnvironment: undefined,
  warnings: [],
};
