/** Makes the machine owner key that modules are signed with: a private key and a self-signed certificate, by openssl. */
import { basename, dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { syncDirectory } from "../../system/writing/durable-files.ts";
import { addFile } from "../../system/writing/copies.ts";
import {
  makeDirectory,
  makeTemporaryDirectory,
  removeTree,
  writeAtomically,
} from "../../system/writing/file-changes.ts";
import { readBytes, sameContent } from "../../system/files/content.ts";
import { fileKind, listDirectory, targetKind } from "../../system/files/files.ts";
import { findProgram, run } from "../../system/process/processes.ts";

/** Where key and certificate are; the key may be a `pkcs11:` address. */
export interface SigningFiles {
  readonly key: string;
  readonly certificate: string;
}

/** Days until the certificate ends: a module's signature is checked whenever it is loaded, so a century. */
const lifetime = 36_500;

/** The certificate may sign code, which is what the kernel asks of a key for modules. */
const configuration = `[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
string_mask = utf8only
[name]
CN = DKMS module signing key
[extensions]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
extendedKeyUsage = codeSigning
`;

/** Whether both files are there; a key in a token is taken to be. */
export function haveSigningFiles({ key, certificate }: SigningFiles): boolean {
  return (key.startsWith("pkcs11:") || targetKind(key) === "file") && targetKind(certificate) === "file";
}

const making = new Map<string, Promise<void>>();

/**
 * Makes both files where neither exists; kernels that are prepared side by side make them once. What exists is never
 * overwritten. Throws `signing-failed` when only one of the two exists, `tool-missing`, `file-failed`.
 */
export async function makeSigningFiles(files: SigningFiles): Promise<void> {
  const begun = making.get(files.key);
  if (begun !== undefined) return begun;
  const work = generate(files).finally(() => making.delete(files.key));
  making.set(files.key, work);
  return work;
}

async function generate(files: SigningFiles): Promise<void> {
  if (haveSigningFiles(files) || finishInterrupted(files)) return;
  refuseHalf(files);
  if (findProgram("openssl") === undefined) {
    throw new DkmsError("tool-missing", "openssl is not installed, so no key to sign modules with can be made.", {
      hint: "pacman -S openssl",
    });
  }
  // A directory that only root enters: the key is never readable by others, not even for a moment.
  const directory = makeTemporaryDirectory(draftPrefix(files));
  try {
    const made = draftFiles(directory);
    const settings = join(directory, "openssl.cnf");
    writeAtomically(settings, configuration);
    const { status, stderr } = await run(
      // prettier-ignore
      ["openssl", "req", "-new", "-x509", "-nodes", "-newkey", "rsa:2048", "-sha256", "-days", String(lifetime),
        "-config", settings, "-keyout", made.key, "-outform", "DER", "-out", made.certificate],
      { environment: { LC_ALL: "C" } },
    );
    if (status !== 0 || !haveSigningFiles(made)) {
      throw new DkmsError("signing-failed", `openssl could not make a key at ${files.key}.`, {
        path: files.key,
        excerpt: stderr.trim().split("\n").slice(-5),
      });
    }
    publish(made, files);
  } finally {
    removeTree(directory);
  }
}

/** Where a pair is made: beside the key, under a name that says for which key. */
function draftPrefix({ key }: SigningFiles): string {
  return join(dirname(key), `.${basename(key)}-`);
}

function draftFiles(directory: string): SigningFiles {
  return { key: join(directory, "key"), certificate: join(directory, "certificate") };
}

/** Gives a new pair its names. Both must be free: a file that somebody has put there meanwhile is not replaced. */
function publish(made: SigningFiles, { key, certificate }: SigningFiles): void {
  writeAtomically(`${made.key}.new`, readBytes(made.key) ?? "", 0o600);
  writeAtomically(`${made.certificate}.new`, readBytes(made.certificate) ?? "", 0o644);
  makeDirectory(dirname(certificate));
  for (const [from, to] of [
    [`${made.certificate}.new`, certificate],
    [`${made.key}.new`, key],
  ] as const) {
    if (fileKind(to) === "none") addFile(from, to);
  }
  syncDirectory(dirname(key));
  if (!sameContent(key, made.key) || !sameContent(certificate, made.certificate)) refuseHalf({ key, certificate });
}

/** A run that was killed between the two names has left its directory with both: the missing half is in there. */
function finishInterrupted(files: SigningFiles): boolean {
  const prefix = draftPrefix(files);
  for (const name of listDirectory(dirname(prefix))) {
    const directory = join(dirname(prefix), name);
    if (!directory.startsWith(prefix) || fileKind(directory) !== "directory") continue;
    const made = draftFiles(directory);
    const isOurs =
      haveSigningFiles(made) &&
      (["key", "certificate"] as const).some((part) => {
        const other = part === "key" ? "certificate" : "key";
        return (
          fileKind(files[other]) === "none" && fileKind(files[part]) === "file" && sameContent(files[part], made[part])
        );
      });
    if (!isOurs) continue;
    publish(made, files);
    removeTree(directory);
    return true;
  }
  return false;
}

/** One of the two exists, or something that is no file stands in the place of one: neither is touched. */
function refuseHalf({ key, certificate }: SigningFiles): void {
  const paths = [
    { what: "key", path: key, setting: "mok_signing_key" },
    { what: "certificate", path: certificate, setting: "mok_certificate" },
  ];
  const there = paths.find(({ path }) => fileKind(path) !== "none");
  if (there === undefined) return;
  const missing = paths.find(({ path }) => targetKind(path) !== "file") ?? there;
  const message =
    missing === there
      ? `${there.path} is not a file that holds a ${there.what}.`
      : `The ${there.what} ${there.path} exists, but its ${missing.what} ${missing.path} does not. Nothing is overwritten.`;
  throw new DkmsError("signing-failed", message, {
    path: missing.path,
    hint: `Correct ${missing.setting} in framework.conf, or put the ${missing.what} there. For a new pair, move ${there.path} away.`,
  });
}
