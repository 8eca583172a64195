/** Package repositories: packages are signed and entered by repo-add, from where `pacman -Syu` gets them. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { stagedName } from "../../system/writing/durable-files.ts";
import { removeFile, rename } from "../../system/writing/file-changes.ts";
import { fileKind, listDirectory, targetKind } from "../../system/files/files.ts";
import { run, type RunResult } from "../../system/process/processes.ts";

/** A repository: a directory with packages and their database. */
export interface Repository {
  readonly directory: string;
  /** File name of the database, `fleet.db.tar.gz`. */
  readonly database: string;
}

const databasePattern = /^[^/]+\.db\.tar(\.\w+)?$/;

/** The repository at a path: a directory with one database in it, or none yet, which is then called as the directory is; or the database itself. Throws `usage`. */
export function findRepository(path: string): Repository {
  if (databasePattern.test(basename(path))) return { directory: dirname(path), database: basename(path) };
  if (fileKind(path) !== "none" && targetKind(path) !== "directory") {
    throw new DkmsError("usage", `${path} is neither a directory nor a database of repo-add.`, { path });
  }
  const databases = listDirectory(path).filter((name) => databasePattern.test(name));
  if (databases.length > 1) {
    throw new DkmsError("usage", `There is more than one database in ${path}: ${databases.join(", ")}.`, {
      path,
      hint: `Name the one that is meant: --repo ${join(path, databases[0] ?? "")}`,
    });
  }
  return { directory: path, database: databases[0] ?? `${basename(path)}.db.tar.gz` };
}

/** What to enter where. */
export interface EntryOrder {
  readonly repository: Repository;
  readonly packages: readonly string[];
  /** The key of gpg to sign database and packages with. */
  readonly key: string | undefined;
  readonly signal: AbortSignal;
}

/** Enters packages into the database, which is made when there is none; repeating it changes nothing. Throws `signing-failed`, `file-failed`, `interrupted`. */
export async function addToRepository({ repository, packages, key, signal }: EntryOrder): Promise<void> {
  if (key !== undefined) for (const path of packages) await signPackage(path, key, signal);
  const signing = key === undefined ? [] : ["--sign", "--key", key];
  const database = join(repository.directory, repository.database);
  const result = await run(["repo-add", "--quiet", "--nocolor", ...signing, database, ...packages], {
    environment: { LC_ALL: "C.UTF-8" },
    signal,
  });
  const lock = `${database}.lck`;
  const isLocked = fileKind(lock) !== "none";
  const hint = isLocked ? `If no repo-add is at work, one that was killed has left its lock: rm ${lock}` : undefined;
  check(result, signal, { code: "file-failed", words: `repo-add could not enter the packages into ${database}`, hint });
  // It exits with status 0 whatever became of its last step.
  const draft = join(repository.directory, `.tmp.${repository.database}`);
  if (targetKind(database) === "file" && fileKind(draft) === "none") return;
  throw new DkmsError("file-failed", `repo-add has not put ${database} in its place.`, {
    path: database,
    hint: `Remove what it has left, ${draft} and the like, and try again.`,
  });
}

/** Throws `signing-failed` when gpg has no secret key of that name: better now than after a long build. */
export async function requireKey(key: string): Promise<void> {
  const { status } = await run(["gpg", "--batch", "--no-tty", "--list-secret-keys", "--", key]);
  if (status === 0) return;
  throw new DkmsError("signing-failed", `gpg has no secret key ${key}.`, {
    hint: "The key must be in the keyring of the user who runs dkms: see gpg --list-secret-keys",
  });
}

/**
 * Writes `PACKAGE.sig`, which pacman asks for; one that is there already stays when it is good. Throws `signing-failed` for one that is of another key or
 * another package: whoever made it may want it back.
 */
export async function signPackage(path: string, key: string, signal: AbortSignal): Promise<void> {
  const signature = `${path}.sig`;
  const verified =
    fileKind(signature) === "file" && (await run(["gpg", "--verify", signature, path], { signal })).status === 0;
  if (verified) return;
  if (fileKind(signature) !== "none") {
    throw new DkmsError(
      "signing-failed",
      `${signature} exists and does not belong to this package: it is not overwritten.`,
      {
        path: signature,
        hint: `If nobody needs it: rm ${signature}`,
      },
    );
  }
  const staged = stagedName(signature);
  removeFile(staged);
  const options = ["--batch", "--no-tty", "--no-armor", "--detach-sign", "--local-user", key, "--output", staged, path];
  const result = await run(["gpg", ...options], { environment: { LC_ALL: "C.UTF-8" }, signal });
  const words = `gpg could not sign ${basename(path)} with the key ${key}`;
  check(result, signal, { code: "signing-failed", words, hint: undefined });
  rename(staged, signature);
}

interface Failure {
  readonly code: "file-failed" | "signing-failed";
  readonly words: string;
  readonly hint: string | undefined;
}

function check({ status, stdout, stderr }: RunResult, signal: AbortSignal, { code, words, hint }: Failure): void {
  if (signal.aborted) throw new DkmsError("interrupted", "Adding the packages to the repository was interrupted.");
  if (status === 0) return;
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const excerpt = lines.slice(-5);
  throw new DkmsError(code, `${words} (status ${status}).`, hint === undefined ? { excerpt } : { excerpt, hint });
}
