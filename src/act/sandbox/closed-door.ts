/** What the sandbox kept a build from, in words: read off the output of the command that failed, and compared with the machine. */
import { dirname, normalize } from "node:path";
import type { SandboxSettings } from "../compile/input.ts";
import { askedInVain, refusedWrites, wantedNetwork } from "../compile/excerpt.ts";
import { fileKind, targetKind } from "../../system/files/files.ts";
import { buildUser, buildUserName } from "../../system/sandbox/build-user.ts";
import { isReadableByAll } from "../../system/sandbox/places.ts";
import { leftRunning } from "./left-running.ts";

interface Door {
  readonly sentence: string;
  readonly hint?: string;
}

const file = "/etc/dkms-alpm.conf";

/** One sentence, and what can be done; undefined when nothing in the output shows that the sandbox is the reason. `tree` is the module's own. */
export function closedDoor(settings: SandboxSettings, output: string, tree: string): Door | undefined {
  const named = (why: "absent" | "denied"): readonly string[] =>
    [...new Set(askedInVain(output, why).map(normalize))].filter(
      (path) => !path.startsWith(`${tree}/`) || path.startsWith(`${tree}/source/`),
    );
  const denied = named("denied");
  const written = refusedWrites(output);
  const kept = denied.filter((path) => isWritten(path));
  if (written.length + kept.length > 0) return writing([...written.map(tidy), ...kept], settings);
  const running = leftRunning(output);
  if (running !== undefined) {
    return {
      sentence: `It left running: ${running}; a build has to end with everything that it starts.`,
      hint: `Sandbox=no under [Build] in ${file} lets it.`,
    };
  }
  const read = reading(denied, named("absent"), settings);
  if (read !== undefined || settings.network === "yes" || wantedNetwork(output) === "no") return read;
  return {
    sentence: "It tried to reach the network, which is closed to builds.",
    hint: `Network=yes under [Build] in ${file} opens it.`,
  };
}

function writing(paths: readonly string[], settings: SandboxSettings): Door {
  const named = [...new Set(paths)].filter((path) => path.startsWith("/"));
  const opened = named.find((path) => settings.writable.some((open) => path === open || path.startsWith(`${open}/`)));
  if (opened !== undefined) {
    return {
      sentence: `Writable names ${opened}, but ${buildUserName}, who builds, has no right to write there.`,
      hint: `Give it to that user: chown -R ${buildUser().uid}:${buildUser().gid} DIRECTORY`,
    };
  }
  const where = named.length === 0 ? "outside of its directory" : `to ${named.join(", ")}`;
  return {
    sentence: `It tried to write ${where}; a build may write to its own directory only.`,
    hint: `Writable=${named.join(" ") || "PATH"} under [Build] in ${file} opens it.`,
  };
}

function reading(denied: readonly string[], absent: readonly string[], settings: SandboxSettings): Door | undefined {
  // That we find it and the build did not means that it is not in the sandbox.
  const hidden = [...denied, ...absent].filter((path) => targetKind(path) !== "none" || settings.hidden.includes(path));
  if (hidden.length > 0) {
    const opens = hidden.filter((path) => isReadableByAll(path));
    return {
      sentence: `It tried to read ${hidden.join(", ")}, which is hidden from builds.`,
      ...(opens.length === 0 ? {} : { hint: `Readable=${opens.join(" ")} under [Build] in ${file} shows it.` }),
    };
  }
  const elsewhere = absent.filter(
    (path) => isElsewhere(path) && (isHome(path) || targetKind(dirname(path)) === "directory"),
  );
  if (elsewhere.length > 0) {
    return {
      sentence: `It asked for ${elsewhere.join(", ")}; the directory is not in the sandbox, and a build may write to its own only.`,
      hint: `Readable or Writable under [Build] in ${file} opens it: ${[...new Set(elsewhere.map(dirname))].join(" ")}`,
    };
  }
  return undefined;
}

/** Whether a path that was denied could be read by everybody, so that it was to be written; a file that was to be made has its directory asked. */
function isWritten(path: string): boolean {
  return fileKind(path) === "none"
    ? targetKind(dirname(path)) === "directory" && isReadableByAll(dirname(path))
    : isReadableByAll(path);
}

/** Directories of the machine that no build has. */
function isElsewhere(path: string): boolean {
  return /^\/(root|home|boot|var|srv|mnt|media|run|tmp)\/./.test(path);
}

function isHome(path: string): boolean {
  return /^\/(root|home)\//.test(path);
}

/** `a/../b` as it is; what has no slash was named by the tool alone. */
function tidy(path: string): string {
  return path.startsWith("/") ? normalize(path) : path;
}
