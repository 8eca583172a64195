import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Compression } from "../../../src/act/finish/compress.ts";
import { finishObjects, type FinishSettings } from "../../../src/act/finish/finish.ts";
import { signObject, type Signing } from "../../../src/act/finish/sign.ts";
import { stripProgramFor } from "../../../src/act/finish/strip.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import type { Suffix } from "../../../src/model/kernel-object.ts";
import type { Event } from "../../../src/model/run/outcome.ts";
import { elf, put } from "../install/scratch.ts";

const object = elf({ version: "1" });

const compression = (suffix: Suffix, more: Partial<Compression> = {}): Compression => ({
  suffix,
  gzipOptions: "",
  xzOptions: "--check=crc32 --lzma2=dict=1MiB",
  zstdOptions: "-q --rm -T0",
  ...more,
});

interface Run {
  readonly directory: string;
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/** Finishes two objects in a directory of their own. */
async function finish(
  settings: Partial<FinishSettings>,
  check: (run: Run) => void | Promise<void>,
  { strip = true, content = object as Uint8Array } = {},
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "dkms-finish-"));
  try {
    const objects = ["a", "b"].map((name) => ({ file: put(join(directory, `${name}.ko`), content), strip }));
    const warnings: string[] = [];
    const tell = (event: Event): void => {
      if (event.kind === "note" && event.level === "warning") warnings.push(event.text);
    };
    const how = {
      stripProgram: "strip",
      signing: undefined,
      compression: compression(""),
      jobs: 2,
      ...settings,
    } as const;
    const files = await finishObjects(objects, how, tell);
    await check({ directory, files, warnings });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A stand-in for sign-file that writes down its arguments and appends to the module, as the real one does. */
function signer(directory: string, body = `printf signed >> "$4"`): Signing {
  const program = put(
    join(directory, "sign-file"),
    `#!/bin/sh\necho "$1 $2 $3" >> ${join(directory, "calls")}\n${body}\n`,
  );
  chmodSync(program, 0o755);
  return { program, hash: "sha512", key: "/key", certificate: "/certificate", variables: {} };
}

test("what build_environment exports reaches sign-file, and its PIN is in no message", () =>
  finish({}, async ({ directory }) => {
    const file = put(join(directory, "c.ko"), object);
    const body = `echo "$KBUILD_SIGN_PIN $PKCS11_LIBRARY" > ${join(directory, "environment")}; echo "pin $KBUILD_SIGN_PIN refused"; exit 1`;
    const variables = { KBUILD_SIGN_PIN: "1234-secret", PKCS11_LIBRARY: "/lib/token.so" };
    const said: string[] = [];
    await signObject(file, { signing: { ...signer(directory, body), variables } }, (event) => {
      if (event.kind === "note") said.push(event.text);
    });
    assert.is(readFileSync(join(directory, "environment"), "utf8"), "1234-secret /lib/token.so\n");
    assert.match(said.join("\n"), "pin *** refused");
    assert.not.match(said.join("\n"), "1234-secret");
  }));

const unpackers: readonly (readonly [Suffix, string])[] = [
  [".gz", "gzip"],
  [".xz", "xz"],
  [".zst", "zstd"],
];
for (const [suffix, program] of unpackers) {
  test(`objects are compressed by ${program}, and nothing else is left`, () =>
    finish({ compression: compression(suffix) }, ({ directory, files, warnings }) => {
      assert.equal(warnings, []);
      assert.equal(files, [join(directory, `a.ko${suffix}`), join(directory, `b.ko${suffix}`)]);
      assert.equal(readdirSync(directory).toSorted(), [`a.ko${suffix}`, `b.ko${suffix}`]);
      const unpacked = execFileSync(program, ["-dc", files[0] ?? ""]);
      assert.ok(unpacked.length < object.length && unpacked.subarray(0, 4).equals(object.subarray(0, 4)));
    }));
}

test("the kernel can unpack what xz makes: no check but crc32, a dictionary of 1 MiB", () =>
  finish({ compression: compression(".xz") }, ({ files }) => {
    assert.match(execFileSync("xz", ["--robot", "-lvv", files[0] ?? ""], { encoding: "utf8" }), "CRC32");
  }));

test("options of zstd that keep the plain file leave none behind", () =>
  finish({ compression: compression(".zst", { zstdOptions: "-q -19" }) }, ({ directory }) => {
    assert.equal(readdirSync(directory).toSorted(), ["a.ko.zst", "b.ko.zst"]);
  }));

test("a compressor that fails leaves the plain object, with a warning", () =>
  finish({ compression: compression(".xz", { xzOptions: "--no-such-option" }) }, ({ directory, files, warnings }) => {
    assert.equal(files, [join(directory, "a.ko"), join(directory, "b.ko")]);
    assert.equal(readdirSync(directory).toSorted(), ["a.ko", "b.ko"]);
    assert.is(warnings.length, 2);
    assert.match(warnings[0] ?? "", "no-such-option");
  }));

test("strip takes the debugging information out, unless the conf says no", async () => {
  let stripped = 0;
  await finish({}, ({ files }) => {
    stripped = statSync(files[0] ?? "").size;
  });
  assert.ok(stripped < object.length);
  await finish({}, ({ files }) => assert.is(statSync(files[0] ?? "").size, object.length), { strip: false });
});

test("clang's objects are stripped by clang's strip", async () => {
  assert.is(stripProgramFor("clang"), "llvm-strip");
  assert.is(stripProgramFor("clang-18"), "strip");
  assert.is(stripProgramFor(undefined), "strip");
});

test("what cannot be stripped stays as it is, with a warning", () =>
  finish(
    {},
    ({ files, warnings }) => {
      assert.is(readFileSync(files[0] ?? "", "utf8"), "no object");
      assert.is(warnings.length, 2);
    },
    { content: Buffer.from("no object") },
  ));

test("objects are stripped, then signed, then compressed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-signer-"));
  try {
    await finish({ signing: signer(directory), compression: compression(".zst") }, ({ files, warnings }) => {
      assert.equal(warnings, []);
      const unpacked = execFileSync("zstd", ["-dc", files[0] ?? ""]);
      assert.is(unpacked.subarray(-6).toString(), "signed");
      assert.ok(unpacked.length < object.length);
    });
    assert.is(readFileSync(join(directory, "calls"), "utf8"), "sha512 /key /certificate\n".repeat(2));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a signature that fails is a warning with the program's words", async () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-signer-"));
  try {
    const signing = signer(directory, "echo the token is locked >&2; exit 2");
    await finish({ signing }, ({ files, warnings }) => {
      assert.ok(existsSync(files[0] ?? ""));
      assert.is(warnings.length, 2);
      assert.match(warnings[0] ?? "", "the token is locked");
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("an interrupted run ends with an error", async () => {
  const controller = new AbortController();
  controller.abort();
  try {
    await finish({ signal: controller.signal }, () => assert.unreachable());
    assert.unreachable("no error");
  } catch (error) {
    assert.ok(error instanceof DkmsError && error.code === "interrupted");
  }
});

test.run();
