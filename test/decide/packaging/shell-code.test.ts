/** Commands in shell texts are told from words that only look like commands. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { matchingLines, shellCode } from "../../../src/decide/packaging/shell-code.ts";

const rows: readonly (readonly [text: string, lines: readonly number[]])[] = [
  ["modprobe x", [1]],
  ["a\nmodprobe x", [2]],
  ["# modprobe x", []],
  ["true # modprobe x", []],
  ["echo 'modprobe x'", []],
  ['echo "modprobe\nmodprobe x"\nmodprobe y', [3]],
  ['echo "a \\" modprobe x"', []],
  ["echo \\# modprobe", [1]],
  ["echo ${#list} modprobe", [1]],
  ["cat <<EOT\nmodprobe x\nEOT\nmodprobe y", [4]],
  ["cat <<-'EOT'\n\tmodprobe x\n\tEOT\nmodprobe y", [4]],
  ["grep x <<<word\nmodprobe y", [2]],
  ["grep x <<< word <<EOT\nmodprobe x\nEOT\nmodprobe y", [4]],
  ["depends=(\n  modprobe\n)\nmodprobe y", [4]],
];

for (const [text, lines] of rows) {
  test(JSON.stringify(text), () => {
    assert.equal(
      matchingLines(shellCode(text), /\bmodprobe\b/).map(({ line }) => line),
      lines,
    );
    assert.is(shellCode(text).split("\n").length, text.split("\n").length, "lines keep their numbers");
  });
}

test.run();
