/** Whether the Node.js that runs this project is one that it is made for. */
import satisfies from "semver/functions/satisfies.js";
import type { Health, HealthFinding } from "../../model/health/health.ts";

/** The versions of Node.js that this project runs on, as in package.json. */
export const neededNode = ">=20.19";

/** What is wrong with a version of Node.js (`v18.19.1`), in a sentence; undefined when it is new enough. */
function nodeFault(version: string): string | undefined {
  if (satisfies(version, neededNode, { includePrerelease: true })) return undefined;
  return `Node.js is ${version}, and dkms-alpm needs ${neededNode}.`;
}

/** The version of Node.js for the message of a bug, and whether it is too old: then the bug may not be ours. */
export function nodeNote(version: string): string {
  return nodeFault(version) ?? `Node.js is ${version}.`;
}

/** One finding for a Node.js that is too old. */
export function nodeFindings({ node }: Health): readonly HealthFinding[] {
  const what = nodeFault(node);
  if (what === undefined) return [];
  const why = "Every command can fail where it uses something that this version does not have.";
  return [{ code: "node-too-old", severity: "warning", subject: "nodejs", what, why, fix: "pacman -Syu nodejs" }];
}
