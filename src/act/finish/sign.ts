/** Signs kernel objects, where the kernel knows signed modules: the preparation for a kernel, and the signing of one object. */
import type { KernelBuildFacts } from "../../model/kernel/kernel-build-facts.ts";
import type { FrameworkSettings } from "../../model/settings/framework-settings.ts";
import { DkmsError } from "../../model/errors.ts";
import type { Event } from "../../model/run/outcome.ts";
import { inChroot } from "../../system/process/chroot.ts";
import { callerEnvironment, signingPin } from "../../system/environment.ts";
import { fileKind, mayAccess, targetKind } from "../../system/files/files.ts";
import { run } from "../../system/process/processes.ts";
import { haveSigningFiles, makeSigningFiles, type SigningFiles } from "./mok.ts";
import { signingFiles, signProgram, type SigningPlace } from "./signing-files.ts";

/** All that signing an object takes. */
export interface Signing extends SigningFiles {
  /** The kernel's `sign-file`. */
  readonly program: string;
  /** `sha512` */
  readonly hash: string;
  /** What the administrator's `build_environment` exports: the PIN of a token, the places of its library. */
  readonly variables: Readonly<Record<string, string>>;
}

/** For what signing is prepared. */
export interface SigningOrder extends SigningPlace {
  readonly facts: KernelBuildFacts;
  readonly policy: FrameworkSettings["trySignModules"]["value"];
  readonly variables: Signing["variables"];
}

/**
 * Finds program and key for a kernel, makes the key where there is none, and tells what it found: once for every kernel. Undefined when modules
 * stay unsigned, which is told with its reason and fails nothing: whether unsigned modules load is the kernel's decision.
 */
export async function prepareSigning(order: SigningOrder, tell: (event: Event) => void): Promise<Signing | undefined> {
  const say = (text: string): void => tell({ kind: "note", level: "message", text });
  const unsigned = (why: string): undefined => {
    say(`Modules are not signed: ${why}.`);
  };
  if (order.policy === "never") return unsigned("try_sign_modules says so");
  if (order.policy === "outside-chroot" && inChroot()) return unsigned("this is a chroot");
  if (order.facts.config === undefined)
    return unsigned(`the kernel configuration ${order.facts.configPath} does not exist`);
  const hash = order.facts.signatureHash;
  if (hash === undefined) return unsigned(`kernel ${order.release} does not know signed modules`);

  const program = signProgram(order);
  say(`Signing program: ${program}`);
  if (targetKind(program) !== "file" || !mayAccess(program, "execute")) return unsigned(`${program} is no program`);
  const files = signingFiles(order);
  say(`Signing key: ${files.key}`);
  say(`Certificate (MOK): ${files.certificate}`);
  const trouble = await ensureSigningFiles(files, tell);
  if (trouble === undefined) return { program, hash, variables: order.variables, ...files };
  // A person has to do something about it, so it also goes into the report.
  tell({ kind: "note", level: "warning", text: `Modules are not signed: ${trouble}` });
  return undefined;
}

/** Makes key and certificate when both are missing; returns in sentences why they are still missing, or undefined. */
export async function ensureSigningFiles(
  files: SigningFiles,
  tell: (event: Event) => void,
): Promise<string | undefined> {
  if (haveSigningFiles(files)) return undefined;
  if (files.key.startsWith("pkcs11:"))
    return `the certificate ${files.certificate} of the key in the token is missing.`;
  if (fileKind(files.key) === "none" && fileKind(files.certificate) === "none") {
    tell({ kind: "note", level: "message", text: "There is no signing key: making a self-signed pair (MOK)." });
  }
  try {
    await makeSigningFiles(files);
    return undefined;
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    const { excerpt = [], hint } = error.facts;
    return [error.message, ...excerpt, ...(hint === undefined ? [] : [hint])].join(" ");
  }
}

/** Signs an object in place; one that cannot be signed stays unsigned, with a warning. */
export async function signObject(
  file: string,
  { signing, signal }: { readonly signing: Signing; readonly signal?: AbortSignal | undefined },
  tell: (event: Event) => void,
): Promise<void> {
  tell({ kind: "note", level: "message", text: `Signing ${file}` });
  const pin = callerEnvironment()[signingPin];
  const environment = { ...(pin === undefined ? {} : { [signingPin]: pin }), ...signing.variables };
  const { status, stdout, stderr } = await run(
    [signing.program, signing.hash, signing.key, signing.certificate, file],
    // The pin of a key in a token; everything else of this prefix is kept from our children.
    { signal, environment },
  );
  if (status === 0) return;
  const output = withoutSecret(`${stdout}${stderr}`.trim(), environment[signingPin]);
  const why = output === "" ? `${signing.program} exited with status ${status}` : output;
  tell({ kind: "note", level: "warning", text: `${file} could not be signed: ${why}` });
}

/** A library that shows how it was called would show the PIN as well. */
function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === "" ? text : text.replaceAll(secret, "***");
}
