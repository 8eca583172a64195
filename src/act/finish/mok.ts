/** Makes the machine owner key that modules are signed with: a private key and a self-signed certificate, by openssl. */
import { dirname, join } from "node:path";
import { DkmsError } from "../../model/errors.ts";
import { makeTemporaryDirectory, removeFile, removeTree, writeAtomically } from "../../system/files/file-changes.ts";
import { readBytes, targetKind } from "../../system/files/files.ts";
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

/** Makes both files, where one is missing; kernels that are prepared side by side make them once. Throws `tool-missing`, `signing-failed`, `file-failed`. */
export async function makeSigningFiles(files: SigningFiles): Promise<void> {
  const begun = making.get(files.key);
  if (begun !== undefined) return begun;
  const work = generate(files).finally(() => making.delete(files.key));
  making.set(files.key, work);
  return work;
}

async function generate({ key, certificate }: SigningFiles): Promise<void> {
  if (haveSigningFiles({ key, certificate })) return;
  if (findProgram("openssl") === undefined) {
    throw new DkmsError("tool-missing", "openssl is not installed, so no key to sign modules with can be made.", {
      hint: "pacman -S openssl",
    });
  }
  // A directory that only root enters: the key is never readable by others, not even for a moment.
  const directory = makeTemporaryDirectory(join(dirname(key), ".mok-"));
  try {
    const made = { key: join(directory, "key"), certificate: join(directory, "certificate") };
    const settings = join(directory, "openssl.cnf");
    writeAtomically(settings, configuration);
    const { status, stderr } = await run(
      // prettier-ignore
      ["openssl", "req", "-new", "-x509", "-nodes", "-newkey", "rsa:2048", "-sha256", "-days", String(lifetime),
        "-config", settings, "-keyout", made.key, "-outform", "DER", "-out", made.certificate],
      { environment: { LC_ALL: "C" } },
    );
    const keyBytes = readBytes(made.key);
    const certificateBytes = readBytes(made.certificate);
    if (status !== 0 || keyBytes === undefined || certificateBytes === undefined) {
      throw new DkmsError("signing-failed", `openssl could not make a key at ${key}.`, {
        path: key,
        excerpt: stderr.trim().split("\n").slice(-5),
      });
    }
    // A certificate of another key must never stand beside the new one, wherever we are killed: without one, both are made again.
    removeFile(certificate);
    writeAtomically(key, keyBytes, 0o600);
    writeAtomically(certificate, certificateBytes, 0o644);
  } finally {
    removeTree(directory);
  }
}
