/** Trees in which something stands that belongs to one module, or to none, and that no run has left there; and what becomes of the other modules beside it. */
import type { Random } from "../crash/random.ts";
import type { Machine } from "../machine.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { snapshot } from "./snapshot.ts";
import { type Program, programs, type Twins } from "./twins.ts";

const release = "6.1.10-arch1-1";

/** `odd` is the one whose entries are bad; everything else that is bad has a name that begins like it, so that it can be told from the rest. */
const modules = ["odd", "calm", "other", "late"] as const;

/** Places of the module `odd`, and of nobody. */
const places = [
  "/var/lib/dkms/odd",
  "/var/lib/dkms/odd/1",
  "/var/lib/dkms/odd/1/source",
  "/var/lib/dkms/odd/1/build",
  `/var/lib/dkms/odd/1/${release}`,
  `/var/lib/dkms/odd/1/${release}/x86_64`,
  `/var/lib/dkms/odd/1/${release}/x86_64/.dep_calm`,
  `/var/lib/dkms/odd/1/${release}/x86_64/log`,
  `/var/lib/dkms/odd/1/${release}/x86_64/log/make.log`,
  `/var/lib/dkms/odd/1/${release}/x86_64/module`,
  `/var/lib/dkms/odd/1/${release}/x86_64/module/odd.ko`,
  `/var/lib/dkms/odd/kernel-${release}-x86_64`,
  `/var/lib/dkms/odd/original_module`,
  `/var/lib/dkms/odd/original_module/${release}/x86_64/odd.ko`,
  "/var/lib/dkms/odd/2/source",
  "/var/lib/dkms-alpm/pending",
  "/var/lib/dkms-alpm/stamps/odd",
  `/var/lib/dkms-alpm/stamps/odd/1/${release}/x86_64.json`,
  "/var/lib/dkms-alpm/kept/odd/1/post-remove.json",
  `/usr/lib/modules/${release}/updates/dkms/odd.ko`,
  `/usr/lib/modules/${release}/updates/dkms-pkg/odd.json`,
  "/usr/src/odd-1",
  "/usr/src/odd-1/dkms.conf",
  "/usr/src/odd-1/odd.bin",
] as const;

/** Directories that all share: what stands there has a name of `names`. */
const shared = [
  "/var/lib/dkms",
  "/usr/src",
  "/usr/lib/modules",
  "/var/lib/dkms-alpm/stamps",
  "/var/lib/dkms-alpm/targets",
] as const;

/** Names for printf(1). */
const names = [
  "odd",
  "odd name",
  "odd\\nname",
  "odd\\377",
  "odd;touch x",
  "odd$(x)",
  "odd.json",
  "odd-2.0",
  "odd'\"",
  "odd\\033[31m",
] as const;

/** What stands there: shell text that makes it at the path `$1`. */
const kinds = {
  pipe: 'mkfifo "$1"',
  "empty directory": 'mkdir "$1"',
  "directory of directories": 'mkdir -p "$1/odd/odd/odd"; touch "$1/odd/file"',
  "empty file": ': >"$1"',
  "file of zeros": 'head -c 5000 /dev/zero >"$1"',
  "file of words": 'echo "odd {[ words" >"$1"',
  unreadable: 'echo odd >"$1"; chmod 0 "$1"',
  "somebody else's": 'echo odd >"$1"; chown 65534:65534 "$1"',
  "somebody else's directory": 'mkdir "$1"; chown 65534:65534 "$1"',
  "link to nothing": 'ln -s nowhere "$1"',
  "link to itself": 'ln -s "${1##*/}" "$1"',
  "link to the root": 'ln -s / "$1"',
  "link upwards": 'ln -s .. "$1"',
  "link to a device": 'ln -s /dev/zero "$1"',
  device: 'mknod "$1" c 1 5',
} as const;

/** One bad entry. */
interface Entry {
  readonly kind: keyof typeof kinds;
  /** For printf(1). */
  readonly path: string;
}

function someEntry(random: Random): Entry {
  const kind = random.pick(Object.keys(kinds) as [Entry["kind"], ...Entry["kind"][]]);
  const where = random.below(1);
  if (where < 0.5) return { kind, path: random.pick([...places]) };
  const above = where < 0.7 ? random.pick([...places]) : random.pick([...shared]);
  return { kind, path: `${above}/${random.pick([...names])}` };
}

/** Up to three bad entries, for one machine. */
export function someEntries(random: Random): readonly Entry[] {
  return Array.from({ length: 1 + Math.floor(random.below(3)) }, () => someEntry(random));
}

/** What an entry is and where, in words. */
export function tellEntries(entries: readonly Entry[]): string {
  return entries.map(({ kind, path }) => `${kind} at ${path}`).join(", ");
}

/** Makes one; below a place that is no directory, or a link that leads out, there is nothing. */
const lay = (kind: Entry["kind"]): string => `
set -- "$(printf "$1.")"; set -- "\${1%.}"; above=\${1%/*}
mkdir -p "$above" 2>/dev/null || exit 0
[ "$(readlink -f "$above")" = "$above" ] || exit 0
rm -rf "$1"
${kinds[kind]}`;

/** Two modules are installed, one of them `odd`; of two others only the source is there. */
export async function prepare(twins: Twins): Promise<void> {
  const sources = await madeUpModules(modules.map((name) => ({ name, version: "1" })));
  await twins.reset([await madeUpKernels([{ release }]), sources]);
  for (const program of programs) {
    for (const name of ["odd", "calm"]) {
      const { status, output } = await twins.dkms(program, ["install", `${name}/1`, "-k", release]);
      if (status !== 0) throw new Error(`${program}: ${name}/1 cannot be installed: ${output}`);
    }
    await twins[program].need(["sh", "-euc", saving]);
  }
}

const stateOf = "/var/lib/dkms /var/lib/dkms-alpm /usr/lib/modules /usr/src";
const saving = `for place in ${stateOf}; do mkdir -p "/saved$place"; [ ! -d "$place" ] || cp -aT "$place" "/saved$place"; done`;
const restoring = `for place in ${stateOf}; do [ ! -d "$place" ] || find "$place" -mindepth 1 -delete; cp -aT "/saved$place" "$place"; done`;
/** What is bad must not be in the way of what looks at the rest. */
const clearing = `rm -rf /var/lib/dkms/odd* /usr/src/odd* /usr/lib/modules/odd* /usr/lib/modules/${release}/updates/*/odd*`;

/** What became of the other modules: exit statuses of commands, lines of `dkms status` and of the tree. */
export type Fate = readonly string[];

/** Lays the entries, works with the other modules, and tells what became of them. */
export async function fateOfOthers(twins: Twins, program: Program, entries: readonly Entry[]): Promise<Fate> {
  const machine = twins[program];
  await machine.need(["sh", "-euc", restoring]);
  for (const { kind, path } of entries) await machine.need(["sh", "-euc", lay(kind), "sh", path]);
  const fate: string[] = [];
  const command = async (...words: readonly string[]): Promise<void> => {
    const { status, stdout } = await twins.dkms(program, words, { timeout: 60 });
    fate.push(`dkms ${words.join(" ")}: ${status}`);
    if (words[0] === "status") fate.push(...stdout.split("\n").filter((line) => /^(calm|other|late)\b/.test(line)));
  };
  await command("status", "calm/1");
  await command("install", "other/1", "-k", release);
  await comesByTransaction(machine, program);
  await command("status", "-k", release);
  await command("uninstall", "calm/1", "-k", release);
  await command("remove", "other/1", "--all");
  await machine.need(["sh", "-euc", clearing]);
  fate.push(...snapshot(machine).filter((line) => !/\/odd|\/dkms-pkg|\/modules\.|\/log\//.test(line)));
  return fate;
}

/** The reference has no hook of its own for one module: its command does what our hook does. */
async function comesByTransaction(machine: Machine, program: Program): Promise<void> {
  const argv: readonly [string, ...string[]] =
    program === "ours" ? ["/usr/lib/dkms-alpm/run-hook", "dkms-install"] : ["dkms", "install", "late/1", "-k", release];
  await machine.run(argv, { input: "usr/src/late-1/dkms.conf\n", timeout: 60 });
}
