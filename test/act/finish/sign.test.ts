import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeSigningFiles } from "../../../src/act/finish/mok.ts";
import { ensureSigningFiles, prepareSigning, type SigningOrder } from "../../../src/act/finish/sign.ts";
import { signingFiles, signProgram } from "../../../src/act/finish/signing-files.ts";
import { kernel, makeScratch, put, type Scratch } from "../install/scratch.ts";
import { facts, noSettings } from "./signing-order.ts";

function orderOf({ layout, modules }: Scratch, more: Partial<SigningOrder> = {}): SigningOrder {
  const { release } = kernel;
  const headers = join(modules, "build");
  return {
    layout,
    release,
    facts,
    settings: noSettings,
    headers,
    policy: "always",
    variables: {},
    ...more,
  };
}

const setting = (value: string) => ({ value, from: "test" });

async function withScratch(action: (scratch: Scratch) => Promise<void>): Promise<void> {
  const scratch = makeScratch();
  try {
    chmodSync(put(join(scratch.modules, "build/scripts/sign-file"), "#!/bin/sh\n"), 0o755);
    await action(scratch);
  } finally {
    scratch.remove();
  }
}

const openssl = (...words: string[]): string => execFileSync("openssl", words, { encoding: "utf8", stdio: "pipe" });

test("the first kernel gets a key: 2048 bits, for a century, to sign code with", () =>
  withScratch(async (scratch) => {
    const signing = await prepareSigning(orderOf(scratch), scratch.tell);
    const { dkmsTree } = scratch.layout;
    const [key, certificate] = [join(dkmsTree, "mok.key"), join(dkmsTree, "mok.pub")];
    const program = join(scratch.modules, "build/scripts/sign-file");
    assert.equal(signing, { program, hash: "sha256", variables: {}, key, certificate });
    assert.is(statSync(key).mode & 0o777, 0o600);
    assert.is(statSync(certificate).mode & 0o777, 0o644);
    assert.match(readFileSync(key, "utf8"), /^-----BEGIN PRIVATE KEY-----/);
    const words = openssl("x509", "-inform", "DER", "-in", certificate, "-noout", "-text");
    for (const part of [/CN ?= ?DKMS module signing key/, /2048 bit/, /sha256WithRSA/, /Code Signing/])
      assert.match(words, part);
    assert.is(
      openssl("x509", "-inform", "DER", "-in", certificate, "-noout", "-pubkey"),
      openssl("pkey", "-in", key, "-pubout"),
    );
    const years = Number(/Not After :.* (\d{4}) GMT/.exec(words)?.[1]) - new Date().getUTCFullYear();
    assert.ok(years >= 99 && years <= 100);
    assert.equal(readdirSync(dkmsTree).toSorted(), ["mok.key", "mok.pub"]);
  }));

test("a key that is there is used as it is", () =>
  withScratch(async (scratch) => {
    await prepareSigning(orderOf(scratch), scratch.tell);
    const key = readFileSync(join(scratch.layout.dkmsTree, "mok.key"), "utf8");
    await prepareSigning(orderOf(scratch), scratch.tell);
    assert.is(readFileSync(join(scratch.layout.dkmsTree, "mok.key"), "utf8"), key);
    assert.is(scratch.messages.filter((text) => text.includes("making")).length, 1);
  }));

const halves = ["mok.key", "mok.pub"] as const;

for (const missing of halves) {
  test(`without ${missing} the other half is left as it is, and the modules stay unsigned`, () =>
    withScratch(async (scratch) => {
      const { dkmsTree } = scratch.layout;
      const files = { key: join(dkmsTree, "mok.key"), certificate: join(dkmsTree, "mok.pub") };
      await makeSigningFiles(files);
      const kept = join(dkmsTree, halves.find((name) => name !== missing) ?? "");
      const bytes = readFileSync(kept);
      rmSync(join(dkmsTree, missing));
      assert.is(await prepareSigning(orderOf(scratch), scratch.tell), undefined);
      assert.match(scratch.warnings.at(-1) ?? "", new RegExp(`not signed: The .* ${kept} exists, but its`));
      assert.equal(readFileSync(kept), bytes);
      assert.equal(readdirSync(dkmsTree), [kept.slice(dkmsTree.length + 1)]);
    }));

  test(`a run that was killed before it had given ${missing} its name is finished by the next`, () =>
    withScratch(async (scratch) => {
      const { dkmsTree } = scratch.layout;
      const files = { key: join(dkmsTree, "mok.key"), certificate: join(dkmsTree, "mok.pub") };
      await makeSigningFiles(files);
      const [key, certificate] = [readFileSync(files.key), readFileSync(files.certificate)];
      put(join(dkmsTree, ".mok.key-killed/key"), key);
      put(join(dkmsTree, ".mok.key-killed/certificate"), certificate);
      rmSync(join(dkmsTree, missing));
      await Promise.all([makeSigningFiles(files), makeSigningFiles(files)]);
      assert.equal(readFileSync(files.key), key);
      assert.equal(readFileSync(files.certificate), certificate);
      assert.is(statSync(files.key).mode & 0o777, 0o600);
      assert.equal(readdirSync(dkmsTree).toSorted(), ["mok.key", "mok.pub"]);
    }));
}

test("a key of the administrator survives a slip in mok_certificate", () =>
  withScratch(async (scratch) => {
    const key = put(join(scratch.root, "keys/MOK.priv"), "the key that the firmware trusts");
    put(join(scratch.root, "keys/MOK.der"), "its certificate");
    const settings = {
      ...noSettings,
      signingKey: setting(key),
      certificate: setting(join(scratch.root, "keys/MOK.drr")),
    };
    assert.is(await prepareSigning(orderOf(scratch, { settings }), scratch.tell), undefined);
    assert.is(readFileSync(key, "utf8"), "the key that the firmware trusts");
    assert.equal(readdirSync(join(scratch.root, "keys")).toSorted(), ["MOK.der", "MOK.priv"]);
    assert.match(scratch.warnings.at(-1) ?? "", "mok_certificate");
  }));

test("a directory or a dangling link in the place of a key is left alone", () =>
  withScratch(async (scratch) => {
    const { dkmsTree } = scratch.layout;
    symlinkSync("/nowhere/mok.key", join(dkmsTree, "mok.key"));
    const files = { key: join(dkmsTree, "mok.key"), certificate: join(dkmsTree, "mok.pub") };
    assert.match((await ensureSigningFiles(files, scratch.tell)) ?? "", "mok.key");
    assert.equal(readdirSync(dkmsTree), ["mok.key"]);
    assert.ok(lstatSync(files.key).isSymbolicLink());
  }));

test("a place where no key can be written is told, and modules stay unsigned", () =>
  withScratch(async (scratch) => {
    const file = put(join(scratch.root, "file"), "");
    const trouble = await ensureSigningFiles({ key: join(file, "key"), certificate: join(file, "pub") }, scratch.tell);
    assert.match(trouble ?? "", file);
  }));

type Reason = readonly [title: string, words: RegExp, change: (scratch: Scratch) => Partial<SigningOrder>];
const reasons: readonly Reason[] = [
  ["it is switched off", /try_sign_modules/, () => ({ policy: "never" })],
  ["there is no configuration", /\/config does not exist/, () => ({ facts: { ...facts, config: undefined } })],
  ["the kernel knows no signatures", /does not know signed/, () => ({ facts: { ...facts, signatureHash: undefined } })],
  [
    "there is no sign-file",
    /sign-file is no program/,
    ({ modules }) => {
      rmSync(join(modules, "build/scripts/sign-file"));
      return {};
    },
  ],
  [
    "sign-file is not executable",
    /sign-file is no program/,
    ({ modules }) => {
      chmodSync(join(modules, "build/scripts/sign-file"), 0o644);
      return {};
    },
  ],
  [
    "the certificate of a token's key is missing",
    /certificate .*none/,
    () => ({
      settings: {
        ...noSettings,
        signingKey: { value: "pkcs11:token=x", from: "test" },
        certificate: { value: "/none", from: "test" },
      },
    }),
  ],
];
for (const [title, words, change] of reasons) {
  test(`modules stay unsigned when ${title}, which is told`, () =>
    withScratch(async (scratch) => {
      const signing = await prepareSigning(orderOf(scratch, change(scratch)), scratch.tell);
      assert.is(signing, undefined);
      assert.match([scratch.messages.at(-1), ...scratch.warnings].join("\n"), words);
      assert.not.ok(existsSync(join(scratch.layout.dkmsTree, "mok.key")));
    }));
}

test("settings name program and key", () =>
  withScratch(async (scratch) => {
    const settings = {
      ...noSettings,
      signFile: setting("/sign"),
      signingKey: setting("/k"),
      certificate: setting("/c"),
    };
    assert.is(signProgram(orderOf(scratch, { settings })), "/sign");
    assert.equal(signingFiles(orderOf(scratch, { settings })), { key: "/k", certificate: "/c" });
  }));

test("headers elsewhere bring their own program", () =>
  withScratch(async (scratch) => {
    rmSync(join(scratch.modules, "build"), { recursive: true });
    const headers = join(scratch.root, "headers");
    mkdirSync(headers);
    const program = put(join(headers, "scripts/sign-file"), "");
    assert.is(signProgram(orderOf(scratch, { headers })), program);
  }));

test.run();
