/** Who builds: never root, whatever a file says. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findBuildUser } from "../../../src/system/sandbox/build-user.ts";

const reserved = { uid: 61_100, gid: 61_100 };

const rows: readonly (readonly [what: string, passwd: string, expected: { uid: number; gid: number }])[] = [
  ["the package's user", "root:x:0:0::/root:\ndkms-build:x:973:972::/:/usr/bin/nologin\n", { uid: 973, gid: 972 }],
  ["no such user", "root:x:0:0::/root:/bin/bash\n", reserved],
  ["an empty file", "", reserved],
  ["a user of that name who is root", "dkms-build:x:0:0::/:\n", reserved],
  ["a user in root's group", "dkms-build:x:973:0::/:\n", reserved],
  ["a user without a number", "dkms-build:x:::/:\n", reserved],
  ["somebody who has the reserved id", "x:x:61100:5::/:\ny:x:5:61101::/:\n", { uid: 61_102, gid: 61_102 }],
];

for (const [what, passwd, expected] of rows) test(what, () => assert.equal(findBuildUser(passwd), expected));

test.run();
