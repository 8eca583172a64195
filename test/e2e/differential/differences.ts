/** Where the two programs are meant to differ, as data: each entry says why, and has a sequence that shows it. */
import { bare, packed } from "./cast.ts";
import { confOf } from "./made-up-modules.ts";
import type { Observation, Step } from "./sequence.ts";
import { running, type Program } from "./twins.ts";

/** What is left to explain of one step. */
export interface Residue {
  readonly exit: Readonly<Record<Program, number | null>> | undefined;
  readonly status: Readonly<Record<Program, readonly string[]>>;
  readonly tree: Readonly<Record<Program, readonly string[]>>;
}

export interface KnownDifference {
  readonly name: string;
  readonly reason: string;
  /** `yes`: from here on the two know different things, and the rest of a sequence cannot be compared. */
  readonly lasting: "yes" | "no";
  /** What remains unexplained; the very same value where this entry has nothing to say. */
  explain(residue: Residue, seen: Observation): Residue;
  /** A sequence in which it shows. */
  readonly example: readonly Step[];
}

const badConf = /Bad conf file|Could not locate dkms\.conf/;

const headers = `/usr/lib/modules/${running}/build`;

const plainConf = confOf({ name: "plain", version: "1.0" });

const brokenConf: Step = { write: "/usr/src/plain-1.0/dkms.conf", text: "PACKAGE_NAME=plain\n" };

/** All of them, in the order in which they are asked. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    name: "the kernel's configuration is not kept",
    reason: "releases before 3.1 copied the kernel's .config beside the build's log; today's do not",
    lasting: "no",
    explain: (residue) => without(residue, "reference", /\/log\/\.config$/),
    example: [{ dkms: "install plain/1.0" }],
  },
  {
    name: "the symbols of a build are kept",
    reason: "since 3.1 the build's Module.symvers goes along with its objects",
    lasting: "no",
    explain: (residue) => without(residue, "ours", /\/module\/Module\.symvers$/),
    example: [
      {
        write: "/usr/src/plain-1.0/dkms.conf",
        text: `${plainConf}MAKE="cp plain.bin plain.ko; touch Module.symvers"\n`,
      },
      { dkms: "build plain/1.0" },
      { dkms: "install plain/1.0" },
    ],
  },
  {
    name: "a failing PRE_BUILD ends the build",
    reason: "since 3.1 with the script's own status; before, make was run all the same and failed with 10",
    lasting: "no",
    explain: (residue, { output }) =>
      output.ours.includes("The PRE_BUILD script") && residue.exit?.reference === 10
        ? { ...residue, exit: undefined }
        : residue,
    example: [
      { write: "/usr/src/plain-1.0/dkms.conf", text: `${plainConf}PRE_BUILD=fails.sh\nMAKE=false\n` },
      { write: "/usr/src/plain-1.0/fails.sh", text: "#!/bin/sh\nexit 1\n", mode: 0o755 },
      { dkms: "build plain/1.0" },
    ],
  },
  {
    name: "no signing key is made for what is not built",
    reason: "before 3.1 signing was prepared before anything else was looked at",
    lasting: "no",
    explain: (residue) => without(residue, "reference", /^f \d+ \/var\/lib\/dkms\/mok\.(key|pub)$/),
    example: [
      { write: `${headers}/include/config/auto.conf`, text: 'CONFIG_MODULE_SIG_HASH="sha256"\n' },
      { write: `${headers}/.config`, text: 'CONFIG_MODULE_SIG_HASH="sha256"\n' },
      { write: `${headers}/scripts/sign-file`, text: "#!/bin/sh\n", mode: 0o755 },
      { dkms: "add choosy/1.0" },
      { dkms: "build choosy/1.0" },
    ],
  },
  {
    name: "missing headers have an exit code of their own",
    reason: "21 since 3.1; 1 before",
    lasting: "no",
    explain: (residue) => exits(residue, 21, 1),
    example: [{ dkms: "add plain/1.0" }, { dkms: `build plain/1.0 -k ${bare}` }],
  },
  {
    name: "missing BUILD_DEPENDS forbid a build",
    reason:
      "since 3.1 a module whose dependencies are not installed is refused with 13; before, only autoinstall looked",
    lasting: "yes",
    explain: (residue, { exit }) => (exit.ours === 13 ? nothing : residue),
    example: [{ dkms: "add needy/1.0" }, { dkms: "install needy/1.0" }],
  },
  {
    name: "excluded modules are no failures of autoinstall",
    reason: "before 3.1 a module that BUILD_EXCLUSIVE keeps away from a kernel made autoinstall end with 11",
    lasting: "no",
    explain: (residue, { step }) => (isCommand(step, "autoinstall") ? exits(residue, 0, 11) : residue),
    example: [{ dkms: "add choosy/1.0" }, { dkms: "autoinstall" }],
  },
  {
    name: "one invalid conf does not end autoinstall",
    reason: "the reference gives up at the first conf that it cannot read, and says 0; ours goes on with the others",
    lasting: "yes",
    explain: (residue, { step, output }) =>
      isCommand(step, "autoinstall") && badConf.test(output.reference) ? nothing : residue,
    example: [{ dkms: "add plain/1.0" }, { dkms: "add twofold/1.0" }, brokenConf, { dkms: "autoinstall" }],
  },
  {
    name: "an invalid conf keeps nobody from looking and removing",
    reason: "the reference evaluates the conf to list and to remove what is built, and ends with 8 when it is no good",
    lasting: "yes",
    explain: (residue, { step, output }) =>
      isCommand(step, "status", "uninstall", "unbuild", "remove") && badConf.test(output.reference) ? nothing : residue,
    example: [{ dkms: "install plain/1.0" }, brokenConf, { dkms: "uninstall plain/1.0" }],
  },
  {
    name: "autoinstall leaves older versions alone",
    reason:
      "before 3.1 a version that is only added was tried although a newer one is installed, and its refusal counted",
    lasting: "yes",
    explain: (residue, { step, output }) =>
      isCommand(step, "autoinstall") && output.reference.includes("is not newer than what is already found")
        ? nothing
        : residue,
    example: [{ dkms: "add plain/1.0" }, { dkms: "install plain/2.0" }, { dkms: "autoinstall" }],
  },
  {
    name: "autoinstall without headers",
    reason: "21 since 3.1, as for build; before, 11 with every module in the list of failures",
    lasting: "no",
    explain: (residue, { step }) => (isCommand(step, "autoinstall") ? exits(residue, 21, 11) : residue),
    example: [{ dkms: "add plain/1.0" }, { dkms: `autoinstall -k ${bare}` }],
  },
  {
    name: "the kernel's own module is archived",
    reason: "today's releases look for it in the whole kernel; before, only where the new one goes",
    lasting: "yes",
    explain: (residue, { step }) =>
      isCommand(step, "install", "autoinstall") && residue.tree.ours.some((line) => line.includes("/original_module/"))
        ? nothing
        : residue,
    example: [{ dkms: `install twofold/1.0 -k ${packed}` }],
  },
  {
    name: "other words for a changed module",
    reason: "3.1.3 says 'Differences between' where releases before said 'WARNING! Diff between'",
    lasting: "no",
    explain: (residue) => {
      const today = (line: string): string =>
        line.replaceAll(
          "(WARNING! Diff between built and installed module!)",
          "(Differences between built and installed modules)",
        );
      return sameStatus(residue, residue.status.reference.map(today));
    },
    example: [
      { dkms: "install plain/1.0" },
      { remove: `/usr/lib/modules/${running}/updates/dkms/plain.ko` },
      { dkms: "status" },
    ],
  },
  {
    name: "broken modules are told as such",
    reason: "since 3.1 a module without its source is broken, and every command but status leaves with 4",
    lasting: "yes",
    explain: (residue, { exit }) =>
      exit.ours === 4 || residue.status.ours.some((line) => line.endsWith(": broken")) ? nothing : residue,
    example: [{ dkms: "add plain/1.0" }, { remove: "/usr/src/plain-1.0" }, { dkms: "status" }],
  },
  {
    name: "a result without its objects is built all the same",
    reason: "today the folder counts, and status tells what is missing in it; before, the objects were counted",
    lasting: "yes",
    explain: (residue) =>
      residue.status.ours.some((line) => line.includes("(Built modules are missing")) ? nothing : residue,
    example: [
      { dkms: "build plain/1.0" },
      { remove: `/var/lib/dkms/plain/1.0/${running}/x86_64/module/plain.ko` },
      { dkms: "status" },
    ],
  },
  {
    name: "build and install take --all",
    reason: "ours works for every kernel that has headers; the reference refuses with 5",
    lasting: "yes",
    explain: (residue, { step, exit }) =>
      isCommand(step, "build", "install") && step.dkms.includes(" --all") && exit.reference === 5 ? nothing : residue,
    example: [{ dkms: "build plain/1.0 --all" }],
  },
  {
    name: "a build cannot write into its source",
    reason:
      "ours is closed to everything but its own directory; what the reference's leaves in the source is copied into the next build",
    lasting: "no",
    // A look changes nothing: what is left then was explained before.
    explain: (residue, { output, step }) =>
      output.ours.includes("It tried to write to") || isCommand(step, "status")
        ? without(residue, "reference", /^[fl] .*\/build\//)
        : residue,
    example: [
      { write: "/usr/src/plain-1.0/dkms.conf", text: `${plainConf}MAKE="ln -sf x /usr/src/plain-1.0/stray; false"\n` },
      { dkms: "build plain/1.0" },
      { dkms: "build plain/1.0" },
      { dkms: "status" },
    ],
  },
  {
    name: "what a failed build leaves is for root alone",
    reason:
      "a build directory is made of what a stranger's script has written; its log can be read by everybody elsewhere",
    lasting: "no",
    explain: withoutClosedBuilds,
    example: [
      { write: "/usr/src/plain-1.0/dkms.conf", text: `${plainConf}MAKE=false\n` },
      { dkms: "build plain/1.0" },
      { dkms: "status" },
    ],
  },
  {
    name: "several kernels fail when one of them fails",
    reason: "the reference leaves with the status of the last one, and what failed before is lost",
    lasting: "no",
    explain: (residue, { step, exit }) =>
      "dkms" in step && step.dkms.split(" -k ").length > 2 && exit.ours !== 0
        ? { ...residue, exit: undefined }
        : residue,
    example: [{ dkms: "add choosy/1.0" }, { dkms: `build choosy/1.0 -k ${running} -k ${packed}` }],
  },
  {
    name: "an older version is refused for good",
    reason:
      "since 3.1 an install in which no object could be copied is aborted with 6; before, it took the active link along",
    lasting: "yes",
    explain: (residue, { step, exit }) =>
      isCommand(step, "install", "autoinstall") && exit.ours === 6 && exit.reference === 0 ? nothing : residue,
    example: [{ dkms: "install plain/2.0" }, { dkms: "install plain/1.0" }],
  },
];

const none = { ours: [], reference: [] } as const;
const nothing: Residue = { exit: undefined, status: none, tree: none };

/** Explains the paths that only one program has and that match; unchanged when there are none. */
function without(residue: Residue, program: Program, pattern: RegExp): Residue {
  const rest = residue.tree[program].filter((line) => !pattern.test(line));
  if (rest.length === residue.tree[program].length) return residue;
  return { ...residue, tree: { ...residue.tree, [program]: rest } };
}

/** A build directory that both have, and those in it, where they differ in no more than who may enter. */
function withoutClosedBuilds(residue: Residue): Residue {
  const { ours, reference } = residue.tree;
  const closed = ours.flatMap(
    (line) => /^d 0700 (\/var\/lib\/dkms\/[^/]+\/[^/]+\/build(\/.*)?)$/.exec(line)?.[1] ?? [],
  );
  const both = closed.filter((path) => reference.includes(`d 0755 ${path}`));
  if (both.length === 0) return residue;
  const rest = (lines: readonly string[], mode: string): readonly string[] =>
    lines.filter((line) => !both.some((path) => line === `d ${mode} ${path}`));
  return { ...residue, tree: { ours: rest(ours, "0700"), reference: rest(reference, "0755") } };
}

function exits(residue: Residue, ours: number, reference: number): Residue {
  if (residue.exit?.ours !== ours || residue.exit.reference !== reference) return residue;
  return { ...residue, exit: undefined };
}

/** The reference's status lines, said in other words, are ours. */
function sameStatus(residue: Residue, reworded: readonly string[]): Residue {
  if (reworded.length === 0 || reworded.join("\n") !== residue.status.ours.join("\n")) return residue;
  return { ...residue, status: none };
}

function isCommand(step: Step, ...commands: readonly string[]): step is Extract<Step, { dkms: string }> {
  return "dkms" in step && commands.includes(step.dkms.split(" ")[0] ?? "");
}
