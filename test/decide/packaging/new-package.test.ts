/** What a new package is called, and what it refuses to be called. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { newPackage } from "../../../src/decide/packaging/new-package.ts";
import type { DkmsError } from "../../../src/model/errors.ts";
import type { PackagedSource } from "../../../src/model/packaging/packaged-source.ts";
import type { DirectiveName, RawConf } from "../../../src/model/conf/raw-conf.ts";

/** Sources in a directory; the conf holds plain assignments only, so no shell is needed to read it. */
function sources(directoryName: string, conf?: string): PackagedSource {
  const directives: RawConf["directives"] = new Map(
    [...(conf ?? "").matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name, value = ""]) => [
      name as DirectiveName,
      { form: "scalar", values: new Map([[0, value]]), verdicts: new Map() },
    ]),
  );
  return {
    path: `/src/${directoryName}`,
    directoryName,
    tarball: undefined,
    conf: conf === undefined ? undefined : { path: "dkms.conf", text: conf },
    raw: conf === undefined ? undefined : { path: "dkms.conf", directives, problems: [], stderr: "" },
    makefiles: [],
    kbuild: new Map([["", "obj-m := tiny.o\n"]]),
    license: "GPL",
  };
}

const none = { name: undefined, version: undefined };
const conf = 'PACKAGE_NAME="tiny"\nPACKAGE_VERSION="1.0"\n';

/** Title, sources, wishes, and lines that the PKGBUILD then has. */
const rows = [
  ["the conf tells", sources("x-9", conf), none, ["pkgname=tiny-dkms", "_name=tiny", "pkgver=1.0"]],
  ["the directory tells", sources("tiny-2.1"), none, ["pkgname=tiny-dkms", "_name=tiny", "pkgver=2.1"]],
  ["the user tells", sources("x"), { name: "tiny", version: "3" }, ["pkgname=tiny-dkms", "pkgver=3"]],
  ["a hyphen in the version", sources("tiny-1.0-rc2"), none, ["_version=1.0-rc2", "pkgver=${_version//-/_}"]],
  ["a new version of a conf", sources("x", conf), { ...none, version: "2" }, ["pkgver=2"]],
  [
    "placeholders in the conf",
    sources("tiny-4", 'PACKAGE_NAME="@NAME@"\nPACKAGE_VERSION="@V@"\n'),
    none,
    ["_name=tiny", "pkgver=4"],
  ],
  [
    "a name that ends in -dkms",
    sources("x", conf.replace("tiny", "jool-dkms")),
    none,
    ["pkgname=jool-dkms", "_name=jool-dkms"],
  ],
] as const;

for (const [title, source, wishes, lines] of rows) {
  test(title, () => {
    const recipe = newPackage(source, wishes).recipe("sum").split("\n");
    for (const line of lines) assert.ok(recipe.includes(line), `${line}\n${recipe.join("\n")}`);
  });
}

const refused = [
  ["no version", sources("tiny"), none, "module-not-given"],
  ["a name with a quote", sources("x", conf.replace("tiny", "ti'ny")), none, "bad-name"],
  ["a name that would be run", sources("x", conf.replace("tiny", "$(reboot)")), none, "bad-name"],
  ["a version that would be run", sources("x"), { name: "tiny", version: "1;reboot" }, "bad-name"],
  ["a version with a slash", sources("x"), { name: "tiny", version: "../1" }, "bad-name"],
  ["a package's name with a blank", sources("x", conf), { ...none, name: "a b" }, "bad-name"],
  [
    "another version than a computed one",
    sources("x", 'PACKAGE_NAME="tiny"\nPACKAGE_VERSION="$(cat VERSION)"\n'),
    { ...none, version: "2" },
    "conf-invalid",
  ],
  ["a conf without a name", sources("tiny-1", "PACKAGE_VERSION=1\n"), none, "conf-invalid"],
  ["no module to build", { ...sources("tiny-1"), kbuild: new Map() }, none, "conf-missing"],
] as const;

for (const [title, source, wishes, code] of refused) {
  test(`refused: ${title}`, () => {
    assert.throws(
      () => newPackage(source, wishes),
      (error: DkmsError) => error.code === code,
    );
  });
}

test.run();
