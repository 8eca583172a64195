/** Images of every form are listed, and one that is cut off anywhere is not taken for a whole one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readFromImage, readImageFile } from "../../../src/observe/boot/image-file.ts";
import { bzImage, cpioImage, peFile, type ImageForm } from "./made-files.ts";

const directory = mkdtempSync(join(tmpdir(), "dkms-image-file-"));
test.after(() => rmSync(directory, { recursive: true }));
const path = join(directory, "initramfs.img");

const module = "usr/lib/modules/6.6.1-arch1-1/updates/dkms/zfs.ko.zst";
const bytes = randomBytes(3000);
const files = { [module]: bytes, "usr/lib/modules/6.6.1-arch1-1/kernel/snd-pcm.ko": "pcm", init: "#!/bin/sh\n" };
const forms: readonly ImageForm[] = [
  ...(["zstd", "xz", "gzip", "none"] as const).map((compression) => ({ compression })),
  { microcode: true },
  { compression: "none", microcode: true },
];

for (const form of forms) {
  const title = `${form.compression ?? "zstd"}${form.microcode === true ? " behind microcode" : ""}`;
  test(title, async () => {
    const whole = cpioImage(files, form);
    writeFileSync(path, whole);
    const state = await readImageFile(path);
    if (state.kind !== "listed") throw new Error(JSON.stringify(state));
    assert.equal([...state.objects].toSorted(), ["snd_pcm", "zfs"]);
    assert.equal([...state.releases], ["6.6.1-arch1-1"]);
    // bsdtar fills plain archives up with zeros, which may be missing.
    const end = form.compression === "none" ? whole.lastIndexOf("TRAILER") : whole.length - 1;
    for (const length of [0, 50, Math.floor(end / 3), Math.floor((end * 2) / 3), end]) {
      writeFileSync(path, whole.subarray(0, length));
      assert.is((await readImageFile(path)).kind, "damaged", `${length} of ${whole.length} bytes`);
    }
  });
}

test("the image in a Unified Kernel Image", async () => {
  const sections = { ".linux": bzImage("6.6.1"), ".initrd": cpioImage(files), ".uname": Buffer.from("6.6.1") };
  writeFileSync(path, peFile(sections));
  const state = await readImageFile(path);
  assert.equal(state.kind === "listed" && [...state.objects].toSorted(), ["snd_pcm", "zfs"]);
});

const { [module]: object, ...others } = files;
const places: readonly (readonly [where: string, image: Buffer])[] = [
  ["the compressed part", cpioImage(files)],
  ["the compressed part behind microcode", cpioImage(files, { microcode: true })],
  ["the plain part, where mkinitcpio puts compressed modules", cpioImage(others, { early: { [module]: object } })],
  ["an image without compression", cpioImage(files, { compression: "none" })],
  ["both parts: the later one counts", cpioImage(files, { early: { [module]: "another" } })],
  ["a Unified Kernel Image", peFile({ ".initrd": cpioImage(others, { early: { [module]: object } }) })],
];

for (const [where, image] of places) {
  test(`a module in ${where}`, async () => {
    writeFileSync(path, image);
    const state = await readImageFile(path);
    const inside = state.kind === "listed" ? state.members.get("zfs") : undefined;
    if (inside === undefined) throw new Error(JSON.stringify(state));
    assert.ok((await readFromImage(path, inside))?.equals(bytes));
  });
}

test("booster's image names its kernel in a file, not by a directory", async () => {
  const modules = { "usr/lib/modules/zfs.ko": bytes, "usr/lib/modules/booster.alias": "" };
  writeFileSync(path, cpioImage({ ...modules, "etc/booster.init.yaml": "kernel: 6.6.1-arch1-1\n" }));
  const state = await readImageFile(path);
  assert.equal(state.kind === "listed" && [[...state.objects], [...state.releases]], [["zfs"], ["6.6.1-arch1-1"]]);
  writeFileSync(path, cpioImage(modules));
  const unnamed = await readImageFile(path);
  assert.equal(unnamed.kind === "listed" && [...unnamed.releases], []);
});

test("no image, and what is none", async () => {
  assert.is((await readImageFile(join(directory, "none"))).kind, "absent");
  writeFileSync(path, "ruined\n");
  assert.is((await readImageFile(path)).kind, "damaged");
});

test.run();
