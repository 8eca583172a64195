/** Which program signs, and with which key: the settings, else what each distribution has. */
import { isAbsolute, join } from "node:path";
import type { KernelBuildFacts } from "../../model/kernel/kernel-build-facts.ts";
import type { LateSettings } from "../../model/settings/framework-settings.ts";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import { callerEnvironment } from "../../system/environment.ts";
import { targetKind } from "../../system/files/files.ts";
import { findProgram } from "../../system/process/processes.ts";
import type { SigningFiles } from "./mok.ts";

/** What decides on program and key. */
export interface SigningPlace {
  readonly layout: Layout;
  readonly release: string;
  readonly distribution: string;
  readonly facts: KernelBuildFacts;
  readonly settings: LateSettings;
  /** The headers that modules are built against. */
  readonly headers: string;
}

/** The path of `sign-file`; where none of the usual ones exists, the one that should. */
export function signProgram(place: SigningPlace): string {
  if (place.settings.signFile !== undefined) return place.settings.signFile.value;
  const usual = join(kernelDirectory(place.layout, place.release), "build/scripts/sign-file");
  const candidates = [...distributionPrograms(place), usual, join(place.headers, "scripts/sign-file")];
  return candidates.find((candidate) => targetKind(candidate) === "file") ?? usual;
}

function distributionPrograms({ distribution, release }: SigningPlace): readonly string[] {
  if (distribution.startsWith("debian"))
    return [`/usr/lib/linux-kbuild-${release.replace(/\.[^.]*$/, "")}/scripts/sign-file`];
  if (distribution.startsWith("ubuntu")) {
    const program = findProgram("kmodsign");
    return [...(program === undefined ? [] : [program]), `/usr/src/linux-headers-${release}/scripts/sign-file`];
  }
  return distribution.startsWith("gentoo") ? [`/usr/src/linux-${release}/scripts/sign-file`] : [];
}

/** Key and certificate: each the setting, else the distribution's, else `mok.key` and `mok.pub` in the dkms tree. */
export function signingFiles(place: Omit<SigningPlace, "release">): SigningFiles {
  const usual = usualFiles(place);
  return {
    key: place.settings.signingKey?.value ?? usual.key,
    certificate: place.settings.certificate?.value ?? usual.certificate,
  };
}

function usualFiles({ layout, distribution, facts, headers }: Omit<SigningPlace, "release">): SigningFiles {
  const own = { key: join(layout.dkmsTree, "mok.key"), certificate: join(layout.dkmsTree, "mok.pub") };
  if (distribution.startsWith("ubuntu")) {
    return { key: "/var/lib/shim-signed/mok/MOK.priv", certificate: "/var/lib/shim-signed/mok/MOK.der" };
  }
  if (!distribution.startsWith("gentoo")) return own;
  const environment = callerEnvironment();
  const configured = facts.signatureKey;
  const fallback = configured === undefined ? undefined : resolved(configured, headers);
  return {
    key: environment["MODULES_SIGN_KEY"] ?? fallback ?? own.key,
    certificate: environment["MODULES_SIGN_CERT"] ?? fallback ?? own.certificate,
  };
}

/** The kernel's configuration names its key relative to its build directory. */
function resolved(path: string, headers: string): string {
  return path.startsWith("pkcs11:") || isAbsolute(path) ? path : join(headers, path);
}
