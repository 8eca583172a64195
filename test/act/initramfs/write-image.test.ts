/** Images that a generator overwrites: which are kept, and what comes back when something fails. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ImageGenerator } from "../../../src/act/initramfs/generator.ts";
import { writeImage } from "../../../src/act/initramfs/write-image.ts";

const release = "6.1.0-test";
const root = fs.mkdtempSync(join(tmpdir(), "dkms-images-"));
const keep = join(root, "keep");
const boot = join(root, "boot");
const images: [string, string] = [join(boot, "default.img"), join(boot, "fallback.img")];
const line = (word: string): string => `usr/lib/modules/${release}/kernel/${word}.ko\n`;

/** A generator that does what a line of shell does with each `$image`. */
function writing(text: string): ImageGenerator {
  return {
    program: "sh",
    images: async () => images,
    writing: { kind: "in-place", command: () => ["sh", "-c", `for image; do ${text}; done`, "sh", ...images] },
    lister: (image) => ["cat", image],
    settings: "/etc/none",
  };
}

const writesNew = writing(`echo '${line("new").trim()}' >"$image"`);

/** What it ends with; undefined for none. */
async function errorOf(generator: ImageGenerator, modules: readonly string[] = []): Promise<Error | undefined> {
  const order = {
    generator,
    subject: { kernel: "linux", release },
    modules: modules.map((name) => ({ module: `${name}/1`, objects: [name] })),
    keep,
    signal: new AbortController().signal,
  };
  return writeImage(order).then(
    () => undefined,
    (error: unknown) => {
      assert.instance(error, Error);
      return error as Error;
    },
  );
}

async function mounted(path: string, options: string, body: () => Promise<void>): Promise<void> {
  fs.mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  try {
    await body();
  } finally {
    execFileSync("umount", [path]);
  }
}

test.before.each(() => {
  fs.rmSync(root, { recursive: true, force: true });
  fs.mkdirSync(boot, { recursive: true });
});

test.after(() => fs.rmSync(root, { recursive: true }));

test("the new images stay, and the error names what could not be removed", async () => {
  for (const image of images) fs.writeFileSync(image, line("old"));
  // A mount point cannot be removed.
  await mounted(join(keep, "mounted"), "size=1m", async () => {
    assert.match((await errorOf(writesNew))?.message ?? "", `Cannot remove ${keep}`);
    for (const image of images) assert.is(fs.readFileSync(image, "utf8"), line("new"));
  });
});

const large = (image: string): string => `${image}\n${line("old")}${"filler\n".repeat(7_000)}`;

test("the old images come back where there is no room for two", async () => {
  await mounted(boot, "size=128k", async () => {
    for (const image of images) fs.writeFileSync(image, large(image));
    const error = await errorOf(writing(`head -c 49000 /dev/zero >"$image"`), ["old"]);
    assert.match(error?.message ?? "", "the initramfs of linux is NOT updated");
    for (const image of images) assert.is(fs.readFileSync(image, "utf8"), large(image));
    assert.not(fs.existsSync(keep));
  });
});

test("an old image that cannot come back stays where it was kept, and the error says so", async () => {
  await mounted(boot, "size=128k", async () => {
    for (const image of images) fs.writeFileSync(image, large(image));
    const fills = `: >"$image"; [ "$image" = ${images[0]} ] || head -c 70000 /dev/zero >${boot}/other; false`;
    const error = await errorOf(writing(fills));
    assert.match(error?.message ?? "", "failed with status 1");
    const [lost = "", restored = ""] = images.toReversed();
    const copy = join(keep, "1-fallback.img");
    assert.match(error?.message ?? "", `linux may not boot: Cannot copy ${copy} to ${lost}: no space is left`);
    assert.match(JSON.stringify(error), `cp ${copy} ${lost}`);
    assert.is(fs.readFileSync(copy, "utf8"), large(lost));
    assert.is(fs.readFileSync(restored, "utf8"), large(restored));
  });
});

/** Kept images of a run that was killed, the present ones, and which come back when the next run fails. */
const stale: readonly (readonly [title: string, copy: string, present: string, restored: "copy" | "present"])[] = [
  ["the present image is good", line("old"), line("old") + line("present"), "present"],
  ["the present image has a module more", line("other"), line("old"), "present"],
  ["the copy is of another release", "usr/lib/modules/5.0/kernel/old.ko\n", line("other"), "present"],
  ["the present image cannot be listed", line("old"), "ruined\n", "copy"],
  ["the present image lacks the module", line("old"), line("other"), "copy"],
];
for (const [title, copy, present, restored] of stale) {
  test(`a copy that a killed run has left: ${title}`, async () => {
    fs.mkdirSync(keep);
    for (const [index, image] of images.entries()) {
      fs.writeFileSync(image, present);
      fs.writeFileSync(join(keep, `${index}-${["default", "fallback"][index]}.img`), copy);
    }
    assert.match((await errorOf(writing(`echo bad >"$image"; false`), ["old"]))?.message ?? "", "status 1");
    for (const image of images) assert.is(fs.readFileSync(image, "utf8"), restored === "copy" ? copy : present);
    assert.not(fs.existsSync(keep));
  });
}

test.run();
