/** What making a tarball refuses, and what it leaves out; what it makes is tested against the reference in interchange.test.ts. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TarballOrder } from "../../../src/act/archive/gather-tarball.ts";
import { makeTarball } from "../../../src/act/archive/make-tarball.ts";
import { DkmsError, type ErrorCode } from "../../../src/model/errors.ts";
import { resultDirectory } from "../../../src/model/machine/layout.ts";
import { addHello, hello, helloPair, makeScratch, put, snapshot, type Scratch } from "./scratch.ts";

const { signal } = new AbortController();

function order({ layout, temporary, tell }: Scratch, changes: Partial<TarballOrder>): TarballOrder {
  return {
    layout,
    module: hello,
    pairs: [],
    kind: "source-only",
    archive: undefined,
    temporary,
    tell,
    signal,
    ...changes,
  };
}

interface Refusal {
  readonly what: string;
  readonly changes: (scratch: Scratch) => Partial<TarballOrder>;
  readonly code: ErrorCode;
  readonly exitCode: number | undefined;
}

const refusals: readonly Refusal[] = [
  {
    what: "a pair that is not built",
    changes: () => ({ kind: "source+binaries", pairs: [helloPair("6.1.0-1"), helloPair("6.9.0-1")] }),
    code: "object-missing",
    exitCode: 6,
  },
  { what: "no pair at all", changes: () => ({ kind: "binaries-only" }), code: "object-missing", exitCode: 6 },
  {
    what: "a directory below a file",
    changes: (scratch) => ({ archive: join(scratch.layout.sourceTree, "hello-1.0/Makefile/x.tar") }),
    code: "file-failed",
    exitCode: 9,
  },
  {
    what: "a directory that the kernel does not let anybody write to",
    changes: () => ({ archive: "/sys/dkms/x.tar" }),
    code: "file-failed",
    exitCode: 9,
  },
  { what: "a directory", changes: ({ root }) => ({ archive: `${root}/` }), code: "file-failed", exitCode: 9 },
  {
    what: "a name that no file can have",
    changes: () => ({ archive: `${"n".repeat(300)}.tar` }),
    code: "file-failed",
    exitCode: 6,
  },
  {
    what: "a result that another run puts into the place of the one that is packed",
    changes: ({ layout }) => {
      const result = resultDirectory(layout, helloPair("6.1.0-1"));
      return {
        kind: "source+binaries",
        pairs: [helloPair("6.1.0-1")],
        tell: (event) => {
          if (event.kind !== "note" || !event.text.startsWith("Packing the modules")) return;
          renameSync(result, `${result}.old`);
          cpSync(`${result}.old`, result, { recursive: true });
          rmSync(`${result}.old`, { recursive: true });
        },
      };
    },
    code: "locked",
    exitCode: undefined,
  },
  {
    what: "an interruption",
    changes: () => ({ signal: AbortSignal.abort() }),
    code: "interrupted",
    exitCode: undefined,
  },
];

for (const { what, changes, code, exitCode } of refusals) {
  test(`refused: ${what}`, async () => {
    const scratch = makeScratch();
    try {
      addHello(scratch, ["6.1.0-1"]);
      mkdirSync(join(scratch.layout.dkmsTree, "hello/1.0/tarball"));
      const before = snapshot(scratch.root);
      try {
        await makeTarball(order(scratch, changes(scratch)));
        assert.unreachable();
      } catch (error) {
        assert.instance(error, DkmsError);
        if (!(error instanceof DkmsError)) return;
        assert.is(error.code, code, error.message);
        assert.is(error.facts.exitCode, exitCode, error.message);
      }
      assert.equal(snapshot(scratch.root), before);
    } finally {
      scratch.remove();
    }
  });
}

test("a file that is no tarball of DKMS is overwritten only with force, a tarball always", async () => {
  const scratch = makeScratch();
  try {
    addHello(scratch, ["6.1.0-1"]);
    put(scratch.root, { "precious.tar": "not to be lost" });
    const archive = join(scratch.root, "precious.tar");
    const error: unknown = await makeTarball(order(scratch, { archive })).catch((caught: unknown) => caught);
    assert.instance(error, DkmsError);
    assert.is(Object(error).facts.exitCode, 6);
    assert.is(readFileSync(archive, "utf8"), "not to be lost");
    assert.is(await makeTarball(order(scratch, { archive, force: true })), archive);
    assert.is(await makeTarball(order(scratch, { archive })), archive);
  } finally {
    scratch.remove();
  }
});

test("a module without its source can only be packed without it", async () => {
  const scratch = makeScratch();
  try {
    const { layout } = scratch;
    put(layout.dkmsTree, { "hello/1.0/source/dkms.conf": "PACKAGE_NAME=hello" });
    put(layout.dkmsTree, { "hello/1.0/6.1.0/x86_64/module/hello.ko": "object" });
    const pairs = [helloPair("6.1.0")];
    for (const kind of ["source-only", "source+binaries"] as const) {
      try {
        await makeTarball(order(scratch, { kind, pairs }));
        assert.unreachable();
      } catch (error) {
        assert.is(Object(error).code, "source-missing");
      }
    }
    assert.ok(existsSync(await makeTarball(order(scratch, { kind: "binaries-only", pairs }))));
  } finally {
    scratch.remove();
  }
});

test("links that lead out of the source are told when they are packed, not when the tarball is refused", async () => {
  const scratch = makeScratch();
  try {
    addHello(scratch, []);
    await makeTarball(order(scratch, {}));
    assert.equal(scratch.warnings, []);
    symlinkSync("/etc/hostname", join(scratch.layout.sourceTree, "hello-1.0/outside"));
    const path = await makeTarball(order(scratch, {}));
    assert.ok(existsSync(path));
    assert.is(scratch.warnings.length, 1);
    assert.match(scratch.warnings[0] ?? "", /ldtarball will refuse .*"outside" to "\/etc\/hostname"/);
  } finally {
    scratch.remove();
  }
});

test("hidden files are packed, version control is not, and everything belongs to root", async () => {
  const scratch = makeScratch();
  try {
    addHello(scratch, []);
    put(scratch.layout.sourceTree, { "hello-1.0/.config": "x", "hello-1.0/.git/HEAD": "x", "hello-1.0/-n ame": "x" });
    const path = await makeTarball(order(scratch, { archive: "odd: name.tar.zst" }));
    const { stdout } = spawnSync("tar", ["--force-local", "-tvf", path], { encoding: "utf8" });
    const lines = stdout.trimEnd().split("\n");
    assert.ok(lines.every((line) => line.includes(" root/root ")));
    assert.equal(
      lines.map((line) => line.replace(/^.*\d\d:\d\d /, "")),
      [
        "dkms_main_tree/",
        "dkms_source_tree/",
        "dkms_source_tree/-n ame",
        "dkms_source_tree/.config",
        "dkms_source_tree/Makefile",
        "dkms_source_tree/dkms.conf",
        "dkms_source_tree/hello.c -> sub/hello.c",
        "dkms_source_tree/sub/",
        "dkms_source_tree/sub/hello.c",
      ],
    );
  } finally {
    scratch.remove();
  }
});

test("an older tarball stays until the new one is complete; what a killed run has left goes from our own directory", async () => {
  const scratch = makeScratch();
  try {
    addHello(scratch, []);
    const directory = join(scratch.layout.dkmsTree, "hello/1.0/tarball");
    put(directory, { "x.tar": "old", ".dkms-tarball.killed/x.tar": "half" });
    try {
      await makeTarball(order(scratch, { archive: "x.tar", signal: AbortSignal.abort() }));
      assert.unreachable();
    } catch (error) {
      assert.is(Object(error).code, "interrupted");
    }
    assert.equal(snapshot(directory), { "x.tar": "old" });
    await makeTarball(order(scratch, { archive: "x.tar" }));
    assert.equal(Object.keys(snapshot(directory)), ["x.tar"]);
    assert.match(readFileSync(join(directory, "x.tar"), "latin1"), "dkms_source_tree/dkms.conf");

    const shared = join(scratch.root, "shared");
    put(shared, { ".dkms-tarball.theirs/y.tar": "under way" });
    await makeTarball(order(scratch, { archive: join(shared, "x.tar") }));
    assert.equal(Object.keys(snapshot(shared)), [".dkms-tarball.theirs", ".dkms-tarball.theirs/y.tar", "x.tar"]);
  } finally {
    scratch.remove();
  }
});

test.run();
