/** Learns which module a source directory holds, by its evaluated conf. */
import { join } from "node:path";
import { interpretDirectives } from "../../model/conf/directives.ts";
import { DkmsError } from "../../model/errors.ts";
import { defaultSource, type Layout } from "../../model/machine/layout.ts";
import { architecture, kernelRelease } from "../../model/names.ts";
import type { ModuleId } from "../../model/pair.ts";
import { machineArchitecture, runningRelease } from "../../system/environment.ts";
import { realPath } from "../../system/files/files.ts";
import { confVariables } from "../conf/confs.ts";
import type { ObserveContext } from "../context.ts";
import { evaluateConfs } from "../conf/dkms-conf.ts";
import { readModule } from "./tree.ts";

/** A directory whose module is asked for. */
export interface SourceToIdentify {
  readonly context: ObserveContext;
  readonly directory: string;
  /** What messages call the conf's place, where its path means nothing to the user (it was unpacked from an archive). */
  readonly origin?: string;
  readonly signal?: AbortSignal;
}

/** Evaluates the conf of a directory for the running kernel; throws `conf-missing` or `conf-invalid`. This runs what is in the conf. */
export async function identifySource({ context, directory, origin, signal }: SourceToIdentify): Promise<ModuleId> {
  const file = (origin === undefined ? context.options.confFile : undefined) ?? join(directory, "dkms.conf");
  const kernel = { release: kernelRelease(runningRelease()), arch: architecture(machineArchitecture()) };
  const variables = { ...confVariables(context, kernel, undefined), module: "", module_version: "" };
  const request = { path: file, overrides: [], variables, directives: context.options.directives };
  const [raw] = await evaluateConfs([request], {
    sandbox: context.own.sandbox.value,
    ...(signal === undefined ? {} : { signal }),
  });
  const path = origin === undefined ? file : `dkms.conf in ${origin}`;
  if (raw === undefined || raw.problems.some(({ kind }) => kind === "unreadable")) {
    throw new DkmsError("conf-missing", `There is no readable dkms.conf at ${path}.`, {
      path,
      hint: "A module's source is a directory with a dkms.conf that names PACKAGE_NAME and PACKAGE_VERSION.",
    });
  }
  const { directives, errors } = interpretDirectives(raw);
  if (directives !== undefined) return { name: directives.name, version: directives.version };
  throw new DkmsError("conf-invalid", `${path} is no valid dkms.conf.`, {
    path,
    excerpt: errors,
    hint: "Correct the file, or report it to the maintainer of the module.",
  });
}

/** Whether a directory is where its module belongs already: in the source tree under the usual name, or where the registered link points. */
export function liesInPlace(layout: Layout, module: ModuleId, directory: string): boolean {
  const real = realPath(directory);
  return [defaultSource(layout, module), readModule(layout, module).source].some(
    (place) => place === directory || (real !== undefined && realPath(place) === real),
  );
}
