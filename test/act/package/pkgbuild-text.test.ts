/** What bash makes of the PKGBUILD: the very text that was to stand there, whatever it is, and nothing happens besides. */
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makepkgConf, pkgbuildText } from "../../../src/act/package/pkgbuild-text.ts";

function shell(script: string): string {
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8", env: {} });
  assert.equal([status, stderr], [0, ""], script);
  return stdout;
}

test("values are what they were", () => {
  const texts = fc.oneof(
    fc.constantFrom("$(touch /x)", "`id`", "'; exit 3; '", "a'b\"c", "\\", "!x", "*"),
    fc.string().filter((text) => !text.includes("\0")),
  );
  const run = fc.property(texts, texts, (name, description) => {
    const text = pkgbuildText({ name, version: "1", pkgrel: 2, arch: "x86_64", description });
    const printed = shell(`${text}\nprintf '%s\\0' "$pkgname" "$pkgdesc" "$pkgver-$pkgrel" "\${arch[@]}"`);
    assert.equal(printed.split("\0"), [name, description, "1-2", "x86_64", ""]);
  });
  fc.assert(run, { numRuns: 40 });
});

test("nothing that could hold an upgrade back, and objects stay as they are", () => {
  const text = pkgbuildText({ name: "x", version: "1", pkgrel: 1, arch: "x86_64", description: "x" });
  assert.not.match(text, /depends|conflicts/);
  assert.is(shell(`${text}\necho "\${options[@]}"`), "!strip !debug !zipman !purge emptydirs\n");
});

test("the machine's settings count, but not for the architecture and the form", () => {
  assert.is(
    shell(`${makepkgConf("aarch64")}\necho "$CARCH $PKGEXT \${BUILDENV[@]}"`),
    "aarch64 .pkg.tar.zst !distcc !color !ccache !check !sign\n",
  );
});

test.run();
