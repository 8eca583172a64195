/** Modules whose conf or build takes more than its share: of the disk, of output, of time, of processes. */
import type { Random } from "../crash/random.ts";

/** What a module does, and what a person is told of it. */
export interface Hog {
  readonly name: string;
  /** Lines of its dkms.conf, after those that every conf has. */
  readonly conf: string;
  readonly says: RegExp;
}

const make = (text: string): string => `MAKE[0]="${text}"\n`;

const disk = /Building hog\/1 for .* was stopped: it was filling the disk, \d+ MiB are left/;
const leftRunning = /left running: sleep/;

/** Those that a limit of size or the end of the build stops: they take no time. */
const quick: readonly [Hog, ...Hog[]] = [
  { name: "a file without end", conf: make("cat /dev/zero >filling; sleep 5432"), says: disk },
  { name: "a log without end", conf: make("cat /dev/zero; sleep 5432"), says: disk },
  {
    name: "files without number",
    conf: make("head -c 3000000 /dev/zero >big; seq 100000 | xargs -I{} cp big file.{}"),
    says: disk,
  },
  {
    name: "a sparse object",
    conf: make("truncate -s 60G hog.ko"),
    says: /hog\.ko.*has 64424509440 bytes, more than any object has/,
  },
  {
    name: "programs in the background",
    conf: make("for each in {1..50}; do sleep 5432 & done"),
    says: leftRunning,
  },
  {
    name: "programs that left their session",
    conf: make("setsid -f sleep 5432 >/dev/null 2>&1 </dev/null; true"),
    says: leftRunning,
  },
  { name: "a conf that complains without end", conf: "yes >&2\n", says: /wrote more than 1 MiB of messages/ },
];

/** Those that a limit of time stops. */
const slow: readonly Hog[] = [
  { name: "a conf that sleeps", conf: "sleep 5432\n", says: /dkms\.conf was stopped: .* 10 seconds/ },
  { name: "a build that sleeps", conf: make("sleep 5432"), says: /took more than 60 seconds/ },
  {
    name: "a build that heeds no signal",
    conf: make("trap '' HUP INT TERM; while :; do sleep 1; done"),
    says: /took more than 60 seconds/,
  },
];

/** One of the quick ones; or all. */
export function someHogs(random: Random, isLong: boolean): readonly Hog[] {
  return isLong ? [...quick, ...slow] : [random.pick(quick)];
}
