/** The key of a result changes with everything that decides about it, and with nothing else. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  activeLink,
  activeLinkText,
  movedLayout,
  resultDirectory,
  sourceLink,
} from "../../../src/model/machine/layout.ts";
import { resultKey, type KeySubject } from "../../../src/observe/stamps/result-key.ts";
import { kernel, moduleId } from "../../decide/world-builder.ts";

const root = mkdtempSync(join(tmpdir(), "dkms-alpm-key-"));
const layout = movedLayout({ dkmsTree: join(root, "tree") });

const directives: KeySubject["directives"] = {
  name: moduleId("zfs/1").name,
  version: moduleId("zfs/1").version,
  objects: [],
  make: undefined,
  patches: [],
  scripts: {},
  buildDepends: [],
  rebuild: "no",
  autoinstall: "yes",
  constraints: [],
};
const subject: KeySubject = {
  pair: { module: moduleId("zfs/1"), kernel: kernel("6.6") },
  directives,
  objects: [],
  kernelSource: "/usr/lib/modules/6.6/build",
  facts: {
    config: undefined,
    configPath: "",
    compiler: {},
    llvm: false,
    makesBtf: false,
    signatureHash: undefined,
  },
  variables: {},
  separated: { isClosed: true, network: "no", readable: [], writable: [] },
  content: "abc",
};
const { separated } = subject;

const changes: Readonly<Record<string, Partial<KeySubject>>> = {
  module: { pair: { ...subject.pair, module: moduleId("zfs/2") } },
  kernel: { pair: { ...subject.pair, kernel: kernel("6.7") } },
  "make command": { directives: { ...directives, make: "make other" } },
  headers: { kernelSource: "/elsewhere" },
  compiler: { facts: { ...subject.facts, compiler: { CC: "clang" } } },
  variables: { variables: { CFLAGS: "-O3" } },
  "sources, headers or overrides": { content: "abd" },
  "build without the sandbox": { separated: { ...separated, isClosed: false } },
  "access to the network": { separated: { ...separated, network: "yes" } },
  Readable: { separated: { ...separated, readable: ["/srv/tools"] } },
  Writable: { separated: { ...separated, writable: ["/srv/tools"] } },
  "a dependency that is not there": { directives: { ...directives, buildDepends: ["spl"] } },
};

for (const [what, change] of Object.entries(changes)) {
  test(`another key for another ${what}`, async () => {
    assert.is.not(await resultKey(layout, { ...subject, ...change }), await resultKey(layout, subject));
    assert.is(await resultKey(layout, { ...subject, ...change }), await resultKey(layout, { ...subject, ...change }));
  });
}

test("the order of Readable and Writable does not matter", async () => {
  const key = (paths: readonly string[]): Promise<string> =>
    resultKey(layout, { ...subject, separated: { ...separated, readable: paths, writable: paths } });
  assert.is(await key(["/a", "/b"]), await key(["/b", "/a", "/b"]));
});

test("the order of variables does not matter", async () => {
  const key = (variables: Record<string, string>): Promise<string> => resultKey(layout, { ...subject, variables });
  assert.is(await key({ A: "1", B: "2" }), await key({ B: "2", A: "1" }));
});

test("what a dependency exports counts, what its objects look like does not", async () => {
  const dependency = { module: moduleId("spl/1"), kernel: kernel("6.6") };
  const needing = { ...subject, directives: { ...directives, buildDepends: ["spl"] } };
  const result = resultDirectory(layout, dependency);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(result, path)), { recursive: true });
    writeFileSync(join(result, path), text);
  };
  write("module/Module.symvers", "one");
  write("module/spl.ko.zst", "signed");
  write("log/make.log", "today");
  symlinkSync(activeLinkText(dependency), activeLink(layout, "spl", dependency.kernel));
  mkdirSync(join(root, "src"));
  symlinkSync(join(root, "src"), sourceLink(layout, dependency.module));
  const key = await resultKey(layout, needing);
  write("module/spl.ko.zst", "signed again");
  write("log/make.log", "tomorrow");
  assert.is(await resultKey(layout, needing), key);
  write("module/Module.symvers", "two");
  assert.is.not(await resultKey(layout, needing), key);
});

test.after(() => rmSync(root, { recursive: true }));
test.run();
