/** A machine in which one program can be made to fail at any call that changes a file, and whose state can be put back. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, contentKey } from "../cache.ts";
import { need, type CommandResult } from "../command.ts";
import type { Fill } from "../differential/twins.ts";
import { createMachine, type Machine } from "../machine.ts";
import { projectPackage } from "../project-package.ts";
import { kindBits, type Fault } from "./faults.ts";

/** Where everything lies that a run may change. */
export const places =
  "/var/lib/dkms /var/lib/dkms-alpm /var/cache/dkms-alpm /var/log/dkms-alpm /run/dkms-alpm /usr/src /usr/lib/modules /etc/pacman.d/hooks /boot /tmp".split(
    " ",
  );

/** A program that is run, with what it reads. */
export interface Run {
  readonly argv: readonly [string, ...string[]];
  readonly targets?: readonly string[];
}

/** A call that changes a file, as fault.c has written it down. */
export interface Call {
  readonly number: number;
  readonly isHit: boolean;
  /** The letter of its kind. */
  readonly kind: string;
  readonly name: string;
  readonly path: string;
}

export interface FaultMachine extends Machine {
  /** Adds the contents of folders of the host. */
  bring(fills: readonly Fill[]): Promise<void>;
  /** Runs a program in a process namespace of its own, so that nothing outlives it. */
  play(run: Run): Promise<CommandResult>;
  /** Has the calls of a program counted from now on, and a fault happen at one of them. */
  arm(program: string, point?: { readonly number: number; readonly fault: Fault }): void;
  /** Ends that; gives the calls that were counted. */
  disarm(): readonly Call[];
  /** Keeps the present state under a name. */
  save(name: string): Promise<void>;
  /** Puts a saved state back. */
  restore(name: string): Promise<void>;
}

const orderFile = "/opt/faults/order";
const logFile = "/opt/faults/log";

/** Makes one; without pacman's part, since hooks are run by hand. */
export async function faultMachine(): Promise<FaultMachine> {
  const [machine, project, library] = await Promise.all([
    createMachine({ host: "absent", osRelease: "arch" }),
    projectPackage(),
    faultLibrary(),
  ]);
  await need(["bsdtar", "-xf", project, "-C", machine.path("/"), "--exclude", ".*"]);
  const script = async (text: string, name: string): Promise<void> => {
    await machine.need(["sh", "-euc", text, name, ...places]);
  };
  machine.write(logFile, "");
  const order = (bytes: Buffer): void => writeFileSync(machine.path(orderFile), bytes);
  order(orderBytes({}));
  await need(["cp", library, machine.path("/opt/faults/fault.so")]);
  machine.write("/etc/ld.so.preload", "/opt/faults/fault.so\n");
  // Builds copy what was compiled before; a real compiler would only be read, all of it, to know it again.
  machine.write("/usr/local/bin/gcc", "#!/bin/sh\necho cc1\n", 0o755);
  return {
    ...machine,
    bring: async (fills) => {
      for (const { from, to } of fills) {
        await machine.need(["mkdir", "-p", to]);
        const entries = readdirSync(from).map((name) => `${from}/${name}`);
        await need(["cp", "-a", ...entries, machine.path(to)]);
      }
    },
    play: ({ argv, targets = [] }) => {
      // The first process of a namespace is not killed by its own signals: a shell is that one.
      const apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", '"$@"; exit $?', "sh"];
      return machine.run([...apart, ...argv], { input: targets.map((target) => `${target}\n`).join(""), timeout: 120 });
    },
    arm: (program, point) => {
      truncateSync(machine.path(logFile));
      order(orderBytes({ program, ...point }));
    },
    disarm: () => {
      order(orderBytes({}));
      return parseLog(machine.read(logFile));
    },
    save: (name) => script(saving, name),
    restore: (name) => script(restoring, name),
  };
}

interface Order {
  readonly program?: string;
  readonly number?: number;
  readonly fault?: Fault;
}

/** `struct order` of fault.c. */
function orderBytes({ program, number = 0, fault }: Order): Buffer {
  const bytes = Buffer.alloc(40);
  const isLasting = fault?.extent === "from there on";
  const words = [
    program === undefined ? 0 : 1,
    number,
    fault?.error ?? 0,
    isLasting ? 1 : 0,
    kindBits(fault?.kinds ?? ""),
  ];
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * 4);
  bytes.write(program ?? "", 24, 15, "latin1");
  return bytes;
}

function parseLog(text: string): readonly Call[] {
  return text.split("\n").flatMap((line): Call[] => {
    const [, number, mark, kind = "", name = "", path = ""] = /^(\d+) (.)(.) (\S+) (.*)$/.exec(line) ?? [];
    return number === undefined ? [] : [{ number: Number(number), isHit: mark === "!", kind, name, path }];
  });
}

async function faultLibrary(): Promise<string> {
  const source = join(import.meta.dirname, "fault.c");
  const folder = await cached(`fault-library/${contentKey(readFileSync(source, "utf8"))}`, async (making) => {
    await need([
      "gcc",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-O2",
      "-shared",
      "-fPIC",
      "-o",
      join(making, "fault.so"),
      source,
      "-ldl",
    ]);
  });
  return join(folder, "fault.so");
}

/** The state's name is the script's own name, the places are its arguments. */
const saving = `
for place; do
  [ -d "$place" ] || continue
  mkdir -p "/saved/$0$place"
  cp -aT "$place" "/saved/$0$place"
done`;

const restoring = `
for place; do
  [ ! -d "$place" ] || find "$place" -mindepth 1 -delete
  [ ! -d "/saved/$0$place" ] || cp -aT "/saved/$0$place" "$place"
done`;
