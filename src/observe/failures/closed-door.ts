/** What the sandbox kept a build from, in words: read off the output of the command that failed, and compared with the machine. */
import { dirname, normalize } from "node:path";
import type { SandboxSettings } from "../../model/settings/sandbox-settings.ts";
import { askedInVain, refusedWrites } from "./excerpt.ts";
import { fileKind, targetKind } from "../../system/files/files.ts";
import { buildUser, buildUserName } from "../../system/sandbox/build-user.ts";
import { isReadableByAll, mayWrite } from "../../system/sandbox/places.ts";
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
  if (written.length + kept.length > 0) return writing([...written.map(tidy), ...kept], settings, tree);
  const running = leftRunning(output);
  if (running !== undefined) {
    return {
      sentence: `It left running: ${running}; a build has to end with everything that it starts.`,
      hint: `Sandbox=no under [Build] in ${file} lets it.`,
    };
  }
  return reading(denied, named("absent"), settings);
}

function writing(paths: readonly string[], settings: SandboxSettings, tree: string): Door {
  const named = [...new Set(paths)].filter((path) => path.startsWith("/"));
  const opened = named.find((path) => settings.writable.some((open) => path === open || path.startsWith(`${open}/`)));
  if (opened !== undefined) {
    return {
      sentence: `Writable names ${opened}, but ${buildUserName}, who builds, has no right to write there.`,
      hint: `Give it to that user: chown -R ${buildUser().uid}:${buildUser().gid} DIRECTORY`,
    };
  }
  const where = named.length === 0 ? "outside of its directory" : `to ${named.join(", ")}`;
  const sentence = `It tried to write ${where}; a build may write to its own directory only.`;
  // What belongs to packages, or to DKMS itself, no setting should open: the build user could not write there anyway.
  const open = named.filter(
    (path) => !/^\/(usr|etc|boot|bin|sbin|lib\w*|proc|sys|dev)(\/|$)/.test(path) && !isBelow(path, tree),
  );
  if (open.length === 0) {
    return { sentence, hint: `Report it to the module's maintainer. Sandbox=no under [Build] in ${file} lets it.` };
  }
  const { uid, gid } = buildUser();
  const closed = open.filter((path) => !mayWrite(existing(path), buildUser()));
  const chown =
    closed.length === 0 ? "" : ` once ${buildUserName} may write there: chown -R ${uid}:${gid} ${closed.join(" ")}`;
  return {
    sentence,
    hint: `Writable=${open.join(" ")} under [Build] in ${file} opens it${chown === "" ? "." : `,${chown}`}`,
  };
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** The path, or what is there of the way to it. */
function existing(path: string): string {
  return path === "/" || targetKind(path) !== "none" ? path : existing(dirname(path));
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
