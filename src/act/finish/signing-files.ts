/** Which program signs, and with which key: the settings, else the kernel's own program and `mok.key` and `mok.pub` in the dkms tree. */
import { join } from "node:path";
import { kernelDirectory, type Layout } from "../../model/machine/layout.ts";
import type { LateSettings } from "../../model/settings/framework-settings.ts";
import { targetKind } from "../../system/files/files.ts";
import type { SigningFiles } from "./mok.ts";

/** What decides on program and key. */
export interface SigningPlace {
  readonly layout: Layout;
  readonly release: string;
  readonly settings: LateSettings;
  /** The headers that modules are built against. */
  readonly headers: string;
}

/** The path of `sign-file`; where none of the usual ones exists, the one that should. */
export function signProgram({ layout, release, settings, headers }: SigningPlace): string {
  if (settings.signFile !== undefined) return settings.signFile.value;
  const usual = join(kernelDirectory(layout, release), "build/scripts/sign-file");
  const candidates = [usual, join(headers, "scripts/sign-file")];
  return candidates.find((candidate) => targetKind(candidate) === "file") ?? usual;
}

/** Key and certificate: each the setting, else `mok.key` and `mok.pub` in the dkms tree. */
export function signingFiles({ layout, settings }: Pick<SigningPlace, "layout" | "settings">): SigningFiles {
  return {
    key: settings.signingKey?.value ?? join(layout.dkmsTree, "mok.key"),
    certificate: settings.certificate?.value ?? join(layout.dkmsTree, "mok.pub"),
  };
}
