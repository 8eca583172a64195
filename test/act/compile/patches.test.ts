/** Patches that apply, that do not, and that are not there. */
import * as fs from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { goodModule, Scene, type Files } from "./scene.ts";
import type { DkmsError } from "../../../src/model/errors.ts";

const patch = (from: string, to: string): string => `--- a/hello.c
+++ b/hello.c
@@ -1 +1 @@
-int hello(void) { return ${from}; }
+int hello(void) { return ${to}; }
`;

const test = suite<{ scene: Scene }>("patches");
test.before.each((context) => {
  context.scene = new Scene();
});
test.after.each(({ scene }) => scene.remove());

function building(scene: Scene, files: Files, patches: readonly string[]): Promise<DkmsError | undefined> {
  const input = scene.input({ ...goodModule, ...files }, { directives: { make: undefined, patches, scripts: {} } });
  return scene.attempt(input);
}

const files = { "patches/one.patch": patch("1", "2"), "patches/sub/two words.patch": patch("2", "3") };

test("patches apply in their order", async ({ scene }) => {
  assert.is(await building(scene, files, ["one.patch", "sub/two words.patch"]), undefined);
  assert.match(
    scene.log(),
    "Applying patch one.patch\n# command: patch -p1 < ./patches/one.patch\npatching file hello.c\n",
  );
  assert.match(scene.log(), "# command: patch -p1 < ./patches/'sub/two words.patch'\n");
  assert.is(scene.read("src/hello-1.0/hello.c"), goodModule["hello.c"]);
});

test("a patch that does not fit fails with its hunk, and waits for no answer", async ({ scene }) => {
  const error = await building(scene, files, ["sub/two words.patch"]);
  assert.is(error?.code, "patch-failed");
  assert.match(error?.facts.excerpt?.join("\n") ?? "", "Hunk #1 FAILED at 1.");
  assert.is((await building(scene, files, ["one.patch", "one.patch"]))?.code, "patch-failed");
});

test("a patch that is not there is named with the place where it should be", async ({ scene }) => {
  const error = await building(scene, files, ["none.patch"]);
  assert.is(error?.code, "patch-missing");
  assert.match(error?.message ?? "", "none.patch");
  assert.is(error?.facts.path, `${scene.layout.sourceTree}/hello-1.0/patches/none.patch`);
  assert.is((await building(scene, files, ["../dkms.conf"]))?.code, "patch-missing");
});

test("the administrator's patches lie over the module's own, sub-directories kept", async ({ scene }) => {
  scene.write({
    "etc/hello/patches/sub/two words.patch": patch("1", "7"),
    "etc/hello/patches/new.patch": patch("7", "8"),
  });
  assert.is(await building(scene, files, ["sub/two words.patch", "new.patch"]), undefined);
  fs.rmSync(`${scene.root}/src/hello-1.0/patches`, { recursive: true });
  assert.is(await building(scene, {}, ["sub/two words.patch", "new.patch"]), undefined);
});

test.run();
