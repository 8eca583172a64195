/** `dkms log`: shows the log of the last build, of one that failed before all others. */
import { DkmsError } from "../../../model/errors.ts";
import { readBuildLogs, type BuildLog } from "../../../observe/build-logs.ts";
import { readText } from "../../../system/files/content.ts";
import { writeLine } from "../../../system/output.ts";
import { showText } from "../../../system/pager.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";
import type { Settings } from "../../frame/settings.ts";
import { givenModule } from "../given-module.ts";

/** Shows it and returns 0; throws `not-there` when there is no such log. */
export function runLog({ layout }: Settings, given: ParsedArguments): number {
  const { name, version } = givenModule(given);
  const releases = given.values("kernelver").map((text) => text.split("/", 1)[0]);
  const all = readBuildLogs(layout);
  const found = all.filter(
    (log) =>
      (name === undefined || log.module === name) &&
      (version === undefined || log.version === version) &&
      (releases.length === 0 || releases.includes(log.release)),
  );
  const [first, ...others] = found;
  if (first === undefined) {
    const module = name === undefined ? "" : ` of ${version === undefined ? name : `${name}/${version}`}`;
    const kernels = releases.length === 0 ? "" : ` for ${releases.join(" or ")}`;
    throw noLog(all, `${module}${kernels}`, layout.logs);
  }
  writeLine("err", `==> ${words(first)}: ${first.path}`);
  if (others.length > 0) writeLine("err", `  -> Others: ${others.slice(0, 5).map(words).join("; ")}`);
  // A log holds whatever a module's scripts have printed: nothing of it moves the cursor.
  showText(`${(readText(first.path) ?? "").replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "?")}`);
  return 0;
}

function words({ module, version, release, failed }: BuildLog): string {
  return `${module}/${version} for ${release}${failed ? " (failed)" : ""}`;
}

/** `asked`: ` of zfs/2.2.2 for 6.6.2-arch1-1`, empty when any log would do. */
function noLog(all: readonly BuildLog[], asked: string, directory: string): DkmsError {
  const known = [...new Set(all.map(({ module }) => module))];
  const hint = known.length === 0 ? `Logs are kept in ${directory}.` : `There are logs of ${known.join(", ")}.`;
  const what = asked === "" ? "No build has left a log yet." : `There is no log${asked}.`;
  return new DkmsError("not-there", what, { hint, exitCode: 1 });
}
