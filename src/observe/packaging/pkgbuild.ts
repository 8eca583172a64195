/** Reads a PKGBUILD: it is shell, so bash evaluates it, in the sandbox, and what it has set comes back as words. */
import { DkmsError } from "../../model/errors.ts";
import type { PackageFacts } from "../../model/packaging/module-package.ts";
import { confinedEnvironment } from "../../system/environment.ts";
import { openConfSandbox } from "../conf/conf-sandbox.ts";
import { runBash, type BashResult } from "../../system/process/bash.ts";

/** Names and values, each ending in NUL, then `end`; PKGBUILD(5) has the variables. */
const program = `
exec 3>&1 >/dev/null
cd -- "\${1%/*}" || exit
source "$1" || exit
for variable in pkgname pkgver depends makedepends; do
  declare -n values=$variable
  for value in "\${values[@]}"; do printf '%s\\0%s\\0' "$variable" "$value" >&3; done
done
printf 'end\\0' >&3
`;

/** Longest time that a PKGBUILD may take to say its name, in seconds. */
const patience = 20;

/** What a PKGBUILD says of its package, or why that cannot be told. */
export async function readPkgbuild(path: string, text: string): Promise<PackageFacts | string> {
  const result = await evaluate(path);
  if (typeof result === "string") return result;
  const { end, stdout, stderr } = result;
  const words = stdout.toString("utf8").split("\0").slice(0, -1);
  if (end === "silent") return `it was still being evaluated after ${patience} seconds`;
  if (words.pop() !== "end") return stderr.trim().split("\n").at(-1) || "it ends the shell that reads it";
  const values = (name: string): string[] => words.filter((_, index) => index % 2 === 1 && words[index - 1] === name);
  const names = values("pkgname");
  const version = values("pkgver").at(-1) ?? "";
  if (names.length === 0 || version === "") return "it sets no pkgname or no pkgver";
  return {
    names,
    version,
    depends: [...values("depends"), ...packageDepends(text)],
    makeDepends: values("makedepends"),
  };
}

async function evaluate(path: string): Promise<BashResult | string> {
  const sandbox = await openConfSandbox("/", [{ path, overrides: [], variables: {} }]);
  try {
    const environment = confinedEnvironment();
    return await runBash(program, [path], { view: sandbox.view, environment, silenceSeconds: patience });
  } catch (error) {
    if (error instanceof DkmsError && error.code === "tool-missing") return error.message.replace(/\.$/, "");
    throw error;
  } finally {
    sandbox.close();
  }
}

/** What the functions of a split package add for their part: they are not run, so only words that stand there as they are count. */
function packageDepends(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]+depends\+?=\(([^)]*)\)/gm)].flatMap(([, list = ""]) =>
    list.split(/\s+/).flatMap((word) => word.replaceAll(/["']/g, "") || []),
  );
}
