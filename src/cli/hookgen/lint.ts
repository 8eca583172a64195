/** `dkms-hookgen --lint`: what pacman would stumble over in hook files. */
import { parseHookFile } from "../../alpm/hook/file.ts";
import { lintHook } from "../../alpm/hook/lint.ts";
import { readEffectiveHooks, readHookFile, type FoundHook } from "../../observe/pacman/hook-files.ts";
import { workingDirectory } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import { findingLines, lintSummary, type LintedFile } from "../../tell/lint-findings.ts";
import { absolutePath } from "../frame/given-paths.ts";
import type { HookgenArguments } from "./options.ts";

/** Checks the files, or without any the hooks that pacman uses; returns 1 when one has an error. */
export function lintHooks(
  given: Extract<HookgenArguments, { kind: "lint" }>,
  hookDirectories: readonly string[],
): number {
  const found =
    given.files.length === 0
      ? readEffectiveHooks(hookDirectories)
      : given.files.map((file) => readHookFile(absolutePath(file, workingDirectory())));
  const hooks = found.map(linted);
  if (given.json) writeLine("out", JSON.stringify({ format: 1, files: hooks }, undefined, 2));
  else {
    const told = !given.quiet ? hooks : hooks.map(withoutWarnings);
    for (const { stream, text } of findingLines(told)) writeLine(stream, text);
    if (!given.quiet) writeLine("err", lintSummary(hooks, "hook file"));
  }
  return hooks.some(({ findings }) => findings.some(({ severity }) => severity === "error")) ? 1 : 0;
}

function linted({ path, content }: FoundHook): LintedFile {
  switch (content.kind) {
    case "text":
      return { path, findings: lintHook(parseHookFile(content.text)) };
    case "dangling":
      return withError(path, {
        code: "dangling-link",
        what: `it is a link to nothing (${content.target})`,
        why: "pacman cannot read it, and refuses all transactions, also those that have nothing to do with it",
        fix: "Delete it, or link it to /dev/null to switch a hook off.",
      });
    case "unreadable":
      return withError(path, {
        code: "unreadable",
        what: content.reason,
        why: "a hook file that cannot be read stops pacman",
        fix: "Look at its name and its permissions.",
      });
  }
}

function withError(path: string, error: Omit<LintedFile["findings"][number], "line" | "severity">): LintedFile {
  return { path, findings: [{ line: undefined, severity: "error", ...error }] };
}

function withoutWarnings({ path, findings }: LintedFile): LintedFile {
  return { path, findings: findings.filter(({ severity }) => severity === "error") };
}
