/** A good image stays when what was kept of the old one cannot be removed. */
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
const images: [string, string] = [join(root, "default.img"), join(root, "fallback.img")];
const line = (word: string): string => `usr/lib/modules/${release}/kernel/${word}.ko\n`;

const shell = (text: string): readonly [string, ...string[]] => ["sh", "-c", text, "sh", ...images];
const generator: ImageGenerator = {
  program: "sh",
  images: async () => images,
  writing: { kind: "in-place", command: () => shell(`for image; do echo '${line("new").trim()}' >"$image"; done`) },
  lister: (image) => ["cat", image],
  settings: "/etc/none",
};

test("the new images stay, and the error names what could not be removed", async () => {
  for (const image of images) fs.writeFileSync(image, line("old"));
  // A mount point cannot be removed.
  fs.mkdirSync(join(keep, "mounted"), { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", join(keep, "mounted")]);
  try {
    const order = { generator, subject: { kernel: "linux", release }, modules: [], keep };
    const error = await writeImage({ ...order, signal: new AbortController().signal }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, Error);
    assert.match((error as Error).message, `Cannot remove ${keep}`);
    for (const image of images) assert.is(fs.readFileSync(image, "utf8"), line("new"));
  } finally {
    execFileSync("umount", [join(keep, "mounted")]);
    fs.rmSync(root, { recursive: true });
  }
});

test.run();
