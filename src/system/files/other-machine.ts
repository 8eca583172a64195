/**
 * Another machine than the one we run on: the one that a transaction will make. Paths have the names that they will have there, and what lies at them is read
 * from other places. Links on the way are followed on that machine and never on ours, since strangers wrote them. Programs of ours see none of it.
 */
import { lstatSync, readlinkSync } from "node:fs";

/** A directory of the machine. */
export interface MachinePart {
  /** Its name there, without links in it; the longest name that fits a path counts. */
  readonly at: string;
  /** The directory that holds what is seen there. */
  readonly place: string;
  /** `fixed`: nothing in it changes meanwhile, so that each link is read once. */
  readonly content: "fixed" | "changing";
}

/** The whole machine. */
export interface OtherMachine {
  readonly parts: readonly MachinePart[];
  /** A directory that looks like the whole machine, for programs in the sandbox that have it as their root. */
  readonly root: string;
  /** Whether strangers wrote the link at this path. */
  readonly isForeign: (link: string) => boolean;
  /** Where their links may lead. */
  readonly openToForeign: (path: string) => boolean;
  /** Versions of packages that it has and pacman's database does not know yet. */
  readonly packages?: ReadonlyMap<string, string>;
}

/** As many links as Linux follows in one path. */
const mostLinks = 40;
/** Bytes of a name on every file system of Linux. */
const longestName = 255;
/** Kernel interfaces, whose links are not of the file system, and where no part can lie. */
const outside = /^\/(proc|sys|dev)(\/|$)/;
/** Leads nowhere, whoever makes what. */
const nowhere = "/proc/self/no-such-file";

interface OpenMachine extends OtherMachine {
  readonly longestFirst: readonly MachinePart[];
  readonly links: Map<string, string>;
}

let open: OpenMachine | undefined;

/** Everything in `system/files` sees the other machine from now on. */
export function enterOtherMachine(machine: OtherMachine): void {
  const longestFirst = machine.parts.toSorted((a, b) => b.at.length - a.at.length);
  open = { ...machine, longestFirst, links: new Map() };
}

/** Our own machine is seen again. */
export function leaveOtherMachine(): void {
  open = undefined;
}

/** Whether another machine than ours is seen. */
export function isOnOtherMachine(): boolean {
  return open !== undefined;
}

/** What programs in the sandbox get as their root: `/` on our own machine. */
export function machineRoot(): string {
  return open?.root ?? "/";
}

/** Versions of packages by name, as far as they are others than pacman's database says. */
export function incomingVersions(): ReadonlyMap<string, string> {
  return open?.packages ?? new Map();
}

/** The place of what is at a path itself: links are followed on the way, but not the last one. */
export function placeOf(path: string): string {
  return open === undefined ? path : placed(open, resolvePath(open, path, "keep"));
}

/** The place of what a path leads to, all links followed. */
export function targetPlaceOf(path: string): string {
  return open === undefined ? path : placed(open, resolvePath(open, path, "follow"));
}

/** The name, free of links, of what a path leads to; it may be missing. */
export function nameWithoutLinks(path: string): string {
  return open === undefined ? path : resolvePath(open, path, "follow");
}

function resolvePath(machine: OpenMachine, path: string, last: "keep" | "follow"): string {
  if (!path.startsWith("/") || outside.test(path) || path.startsWith(`${machine.root}/`)) return path;
  const waiting = wordsOf(path).toReversed();
  const isDirectory = path.endsWith("/");
  let at = "";
  let isForeign = false;
  const end = (found: string): string => (isForeign && !machine.openToForeign(found) ? nowhere : found);
  for (let count = 0; waiting.length > 0;) {
    const name = waiting.pop() ?? "";
    if (name === "..") {
      at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
      continue;
    }
    if (Buffer.byteLength(name) > longestName) return nowhere;
    const next = `${at}/${name}`;
    if (waiting.length === 0 && last === "keep" && !isDirectory) return end(next);
    const text = linkText(machine, next);
    if (text === "") {
      at = next;
      continue;
    }
    count += 1;
    if (count > mostLinks) return nowhere;
    isForeign ||= machine.isForeign(next);
    if (text.startsWith("/")) at = "";
    waiting.push(...wordsOf(text).toReversed());
  }
  return end(at === "" ? "/" : at);
}

/** What a link says; empty for everything else. */
function linkText(machine: OpenMachine, path: string): string {
  const known = machine.links.get(path);
  if (known !== undefined) return known;
  const part = partOf(machine, path);
  const text = readLinkAt(part === undefined ? path : placeIn(part, path));
  if (part?.content === "fixed") machine.links.set(path, text);
  return text;
}

function readLinkAt(place: string): string {
  try {
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(place) : "";
  } catch {
    // A part of the path is no directory, too long or may not be read: whoever opens the path learns that.
    return "";
  }
}

function placed(machine: OpenMachine, path: string): string {
  const part = partOf(machine, path);
  return part === undefined ? path : placeIn(part, path);
}

function partOf(machine: OpenMachine, path: string): MachinePart | undefined {
  return machine.longestFirst.find(({ at }) => path === at || path.startsWith(`${at}/`));
}

function placeIn({ at, place }: MachinePart, path: string): string {
  return `${place}${path.slice(at.length)}`;
}

function wordsOf(path: string): string[] {
  return path.split("/").filter((word) => word !== "" && word !== ".");
}
