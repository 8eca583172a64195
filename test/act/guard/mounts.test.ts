/** Reading mount points. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mountPoints } from "../../../src/act/guard/mounts.ts";

test("mount points come once, in their order, with blanks in their names", () => {
  const text = `22 1 0:20 / / rw - ext4 /dev/sda rw
23 22 0:21 / /usr/src rw shared:4 - ext4 /dev/sdb rw
24 22 0:21 / /usr/my\\040sources rw - ext4 /dev/sdb rw
25 22 0:22 / /usr/src rw - tmpfs tmpfs rw
`;
  assert.equal(mountPoints(text), ["/", "/usr/src", "/usr/my sources"]);
});

test.run();
