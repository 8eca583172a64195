/** The disposable machine as its programs see it from inside: trees that are laid out anew for every case, and what must not have happened to it. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { dkms } from "../../../src/cli/dkms/dkms.ts";
import { hook } from "../../../src/cli/hook/hook.ts";
import { hookgen } from "../../../src/cli/hookgen/hookgen.ts";
import { canary, victim } from "../../fuzz/words.ts";
import { unseemly } from "./unseemly.ts";

/** Everything that a run may change. */
export const trees = [
  "/var/lib/dkms",
  "/var/lib/dkms-alpm",
  "/var/log/dkms-alpm",
  "/var/cache/dkms-alpm",
  "/run/dkms-alpm",
  "/usr/src",
  "/usr/lib/modules",
  "/etc/dkms",
];

/** The kernel of the machine. */
export const release = "6.1.0-test";

/** A conf that is in order, in the words of which a case changes some. */
export const goodConf: Readonly<Record<string, string>> = {
  PACKAGE_NAME: "good",
  PACKAGE_VERSION: "1",
  "BUILT_MODULE_NAME[0]": "tiny",
  "DEST_MODULE_LOCATION[0]": "/updates",
  AUTOINSTALL: "yes",
};

/** A conf's text; the values are quoted for both times that they are expanded, so that they are values and no code. */
export function confText(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(
      ([name, value]) =>
        `${name}='${value
          .replaceAll("\0", "")
          .replaceAll(/["`$\\]/g, "\\$&")
          .replaceAll("'", `'\\''`)}'\n`,
    )
    .join("");
}

/** Empty trees, a kernel without headers, a module whose source is in order, and a file of somebody else. */
export function layOut(): void {
  for (const tree of trees) {
    fs.rmSync(tree, { recursive: true, force: true });
    fs.mkdirSync(tree, { recursive: true });
  }
  put(`/usr/lib/modules/${release}/modules.order`, "");
  fs.mkdirSync(`/usr/lib/modules/${release}/kernel`);
  put("/usr/src/good-1/dkms.conf", confText(goodConf));
  fs.rmSync(dirname(victim), { recursive: true, force: true });
  put(victim, "untouched");
  fs.rmSync(canary, { force: true });
  fs.rmSync("/run/hooks", { recursive: true, force: true });
  fs.mkdirSync("/run/hooks");
}

/** Writes a file, and makes its directories. */
export function put(path: string, text: string): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text);
}

let count = 0;

/** Runs a program with these words and bytes on its stdin, and complains of an end that is not in the list and of words that nobody should see. Returns what it said. */
export async function survives(
  program: "dkms" | "dkms-install" | "dkms-remove" | "dkms-hookgen",
  words: readonly string[],
  stdin: Uint8Array = Buffer.of(),
): Promise<string> {
  process.umask(0o022);
  fs.writeFileSync("/run/stdin", stdin);
  fs.closeSync(0);
  // The lowest free descriptor is taken: this is stdin now.
  fs.openSync("/run/stdin", "r");
  const said = `${program} ${JSON.stringify(words)} ${JSON.stringify(Buffer.from(stdin).toString("latin1").slice(0, 500))}`;
  fs.writeFileSync("/run/case", `run ${(count += 1)}: ${said}`);
  // Both streams are this file, opened to append: what is in it afterwards is what this run has said.
  fs.ftruncateSync(1);
  const status = await start(program, words);
  if (!endings.has(status)) throw new Error(`${said} ended with ${status}`);
  const told = fs.readFileSync("/run/said", "utf8");
  // A document that was asked for is no word.
  if (words[0] === "-q" && told !== "" && !words.includes("--json"))
    throw new Error(`${said} is not quiet: ${told.slice(0, 1500)}`);
  const fault = unseemly(told);
  if (fault !== undefined) throw new Error(`${said} ${fault}`);
  if (fs.existsSync(canary)) throw new Error(`${said} has run a word as a command`);
  if (fs.readFileSync(victim, "utf8") !== "untouched")
    throw new Error(`${said} has written to a file of somebody else`);
  const beside = fs.readdirSync(dirname(victim));
  if (beside.length !== 1) throw new Error(`${said} has left ${beside.join(", ")} beside a file of somebody else`);
  return told;
}

function start(program: Parameters<typeof survives>[0], words: readonly string[]): Promise<number> {
  if (program === "dkms") return dkms(words);
  return program === "dkms-hookgen" ? hookgen(words) : hook(program, words);
}

/** The exit codes of `src/cli/frame/exit-codes.ts`, and those that `dkms status` and autoinstall have of their own; 70 would be a bug of ours. */
const endings: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 21, 77]);
