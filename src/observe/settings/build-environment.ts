/** Reads the shell file that `build_environment` in framework.conf names: what it exports, every build gets. */
import type { BashOptions } from "../../system/process/bash.ts";
import { childEnvironment } from "../../system/environment.ts";
import { evaluateTogether } from "../conf/shell-evaluation.ts";

/** Variables to add to the environment of a build. */
export interface BuildEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Why the file counts in part or not at all, in words. */
  readonly warnings: readonly string[];
}

/** Exported by bash itself, not by the file. */
const ofBash = new Set(["_", "SHLVL", "PWD", "OLDPWD", "POSIXLY_CORRECT"]);

/** Sources the file with dkms' variables set (`kernelver`, `arch`, ...) and returns what is exported afterwards and was not before. */
export async function readBuildEnvironment(
  path: string,
  variables: Readonly<Record<string, string>>,
  options: Pick<BashOptions, "cwd" | "environment"> = {},
): Promise<BuildEnvironment> {
  const environment = options.environment ?? childEnvironment();
  const request = { kind: "exports", files: [path], variables, directives: [] } as const;
  const answer = await evaluateTogether(request, { ...options, environment });
  const found: Record<string, string> = {};
  const warnings: string[] = [];
  const words = answer?.words ?? [];
  for (let at = 0; at < words.length;) {
    const [kind, content = "", detail = ""] = words.slice(at, at + 3);
    if (kind === "problem") {
      warnings.push(problemText(content, detail.slice(1), path));
      at += 3;
      continue;
    }
    at += 2;
    const [, name = "", value = ""] = /^=([A-Za-z_]\w*)=(.*)$/s.exec(content) ?? [];
    if (name !== "" && !ofBash.has(name) && !name.startsWith("_dkms_") && environment[name] !== value)
      found[name] = value;
  }
  if (answer?.end !== "complete") warnings.push(`${path} ended the shell that reads it, so nothing in it counts.`);
  return { variables: found, warnings };
}

function problemText(kind: string, detail: string, path: string): string {
  if (kind === "unreadable") return `The file ${path} that build_environment names does not exist or cannot be read.`;
  if (kind === "syntax") return `${path} has a syntax error; what stands before it counts.`;
  return `${path} ended the shell that reads it (status ${detail}), so nothing in it counts.`;
}
