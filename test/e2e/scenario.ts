/** Scenarios: a machine with this project installed, transactions in it, and the readings by which they are judged. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CommandResult } from "./command.ts";
import { countCompiler } from "./compiler-count.ts";
import { kernelArchives, kernelPackages, releases } from "./kernel-packages.ts";
import type { Machine } from "./machine.ts";
import { projectMachine } from "./project-package.ts";

/** Releases of two kernels, the first one older. */
export const [older = "", newer = ""] = (await releases("cloud-amd64")).slice(-2);

/** These releases inside a regular expression: newer ones have a plus sign. */
export const [olderPattern = "", newerPattern = ""] = [older, newer].map((release) =>
  release.replaceAll(/[.+]/g, "\\$&"),
);

/** `linux` and `linux-headers`, what they are upgraded to, and a second kernel beside them. */
export const linux = await kernelPackages({ pkgbase: "linux", release: older });
export const linuxNext = await kernelPackages({ pkgbase: "linux", release: newer });
export const linuxLts = await kernelPackages({ pkgbase: "linux-lts", release: newer });

export interface Scene extends Machine {
  /** A transaction that must succeed with all its hooks; gives what pacman printed. */
  commit(...args: readonly string[]): Promise<string>;
  /** A transaction that pacman carries out although one of our hooks must fail; gives what pacman printed. */
  commitWithFailure(...args: readonly string[]): Promise<string>;
  /** The lines that `dkms status` prints. */
  status(): Promise<string[]>;
  /** What was compiled since the last call, `tiny.c for RELEASE`, once for every time. */
  compiled(): string[];
  /** A field of the module that modprobe would load in a kernel, found by depmod's index; empty when there is none. */
  modinfo(release: string, field: string, name: string): Promise<string>;
  /** Paths that contain a text, where modules and what is known of them are kept. */
  traces(text: string): Promise<string[]>;
  /** Everything there and in /usr/src, a line each: type, mode, path, link target, and for files size and time of change. */
  snapshot(): Promise<string[]>;
  /** What has changed since a snapshot: `- LINE` for what was removed, `+ LINE` for what is new. */
  changesSince(snapshot: readonly string[]): Promise<string[]>;
}

/** A test on a machine of its own in which packages are installed already; when it fails, its transactions are shown. */
export function scenario(title: string, packages: readonly string[], play: (machine: Scene) => Promise<void>): void {
  test(title, async () => {
    const transcript: string[] = [];
    const kernels = packages.filter((path) => kernelArchives.has(path));
    const others = packages.filter((path) => !kernelArchives.has(path));
    const scene = await createScene(transcript, kernels);
    try {
      if (others.length > 0) await scene.commit("-U", ...others);
      scene.compiled();
      await play(scene);
    } catch (error) {
      console.log(`--- ${title}\n${transcript.join("\n")}\n---`);
      throw error;
    } finally {
      await scene.dispose();
    }
  });
}

/** The line of `dkms status` for a pair: `tiny/1.0, 6.1.0-56-cloud-amd64, x86_64: installed`. */
export function installed(module: string, release: string): string {
  return `${module}, ${release}, x86_64: installed`;
}

const hookFailed = /error: command failed to execute correctly/;

/** Where modules and what is known of them are kept. */
const places = "/var/lib/dkms /var/lib/dkms-alpm /usr/lib/modules".split(" ");

const lockFile = "/var/lib/dkms/.dkms-alpm.lock";

/** For find(1). Size and time of a folder change when something in it comes and goes again; an empty one of our own state says nothing. */
const snapshotFormat = [
  ...["-type", "d", "-empty", "-path", "/var/lib/dkms-alpm/*", "-o"],
  // Every transaction that concerns DKMS has a report.
  ...["-path", "/var/lib/dkms-alpm/reports*", "-o"],
  ...["-type", "d", "-printf", "%y %m %p\\n", "-o", "-printf", "%y %m %p %l %s %T@\\n"],
];

/** A machine with this project and some packages installed; what pacman prints is added to the transcript. */
export async function createScene(transcript: string[], packages: readonly string[] = []): Promise<Scene> {
  const machine = await projectMachine({ osRelease: "arch", packages });
  const compiler = await countCompiler(machine);
  const pacman = async (...args: readonly string[]): Promise<CommandResult> => {
    const result = await machine.pacman(...args);
    transcript.push(`# pacman ${args.join(" ")} -> ${result.status}\n${result.output}`);
    return result;
  };
  const lines = async (argv: readonly string[]): Promise<string[]> =>
    (await machine.need(argv)).split("\n").filter((line) => line !== "");
  // The first run that takes the lock makes its file, which stays.
  const snapshot = async (): Promise<string[]> =>
    (await lines(["find", ...there(machine), "/usr/src", ...snapshotFormat])).filter(
      (line) => !line.includes(`${lockFile} `),
    );
  return {
    ...machine,
    pacman,
    commit: async (...args) => {
      const { status, output } = await pacman(...args);
      assert.is(status, 0, "pacman's exit status");
      assert.not.match(output, hookFailed, "a hook failed");
      return output;
    },
    commitWithFailure: async (...args) => {
      const { status, output } = await pacman(...args);
      assert.is(status, 0, "pacman's exit status");
      assert.match(output, hookFailed, "no hook failed");
      return output;
    },
    status: () => lines(["dkms", "status"]),
    compiled: () => compiler.take(),
    modinfo: async (release, field, name) =>
      (await machine.run(["modinfo", "-k", release, "-F", field, name])).stdout.trim(),
    traces: (text) => lines(["find", ...there(machine), "-path", `*${text}*`]),
    snapshot,
    changesSince: async (before) => {
      const [old, now] = [new Set(before), new Set(await snapshot())];
      const removed = before.filter((line) => !now.has(line));
      const come = [...now].filter((line) => !old.has(line));
      return [...removed.map((line) => `- ${line}`), ...come.map((line) => `+ ${line}`)];
    },
    dispose: () => {
      compiler.close();
      return machine.dispose();
    },
  };
}

function there(machine: Machine): string[] {
  return places.filter((place) => machine.exists(place));
}
