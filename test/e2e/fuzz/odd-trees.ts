/** Trees in which something stands that no run has left there: another kind of file, another owner, a link that leads out. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { dirname } from "node:path";
import * as fc from "fast-check";
import { fileName, victim, word } from "../../fuzz/words.ts";
import { confText, goodConf, layOut, put, release } from "./arena.ts";

/** Who owns files of nobody: neither root nor any user that is asked about. */
const nobody = 65_534;

/** What stands in a tree where something else is expected. */
export const thing = fc.oneof(
  fc.record({ kind: fc.constant("file" as const), text: word }),
  fc.record({ kind: fc.constant("directory" as const), text: fc.constant("") }),
  fc.record({ kind: fc.constant("pipe" as const), text: fc.constant("") }),
  fc.record({ kind: fc.constant("unreadable" as const), text: word }),
  fc.record({ kind: fc.constant("foreign" as const), text: word }),
  fc.record({
    kind: fc.constant("link" as const),
    text: fc.constantFrom(
      "/victim",
      victim,
      "..",
      "../../../../..",
      "/",
      ".",
      "self",
      "/usr/src/good-1",
      "/dev/zero",
      "nowhere",
    ),
  }),
);

/** Where it stands. */
export const place = fc
  .tuple(
    fc.constantFrom(
      ["/var/lib/dkms", "good"],
      ["/var/lib/dkms", "good", "1"],
      ["/var/lib/dkms", "good", "1", release],
      ["/var/lib/dkms", "good", "1", release, "x86_64"],
      ["/var/lib/dkms", "good", "1", release, "x86_64", "module"],
      ["/var/lib/dkms", "good", "original_module"],
      ["/var/lib/dkms-alpm", "pending"],
      ["/var/lib/dkms-alpm", "stamps", "good", "1"],
      ["/usr/src", "good-1"],
      ["/usr/lib/modules", release],
      ["/usr/lib/modules", release, "updates", "dkms"],
    ),
    fc.array(fileName, { maxLength: 2 }),
  )
  .map(([known, odd]) => [...known, ...odd].join("/"));

/** Where it stands when only the module `good` may suffer from it: its own entries, and files of our own state that have no other reader. */
export const placeOfOne = fc
  .tuple(
    fc.constantFrom(
      ["/var/lib/dkms", "good"],
      ["/var/lib/dkms", "good", "1"],
      ["/var/lib/dkms", "good", "1", "source"],
      ["/var/lib/dkms", "good", "1", release],
      ["/var/lib/dkms", "good", "1", release, "x86_64"],
      ["/var/lib/dkms", "good", "1", release, "x86_64", ".dep_other"],
      ["/var/lib/dkms", "good", "1", release, "x86_64", "log"],
      ["/var/lib/dkms", "good", "1", release, "x86_64", "module"],
      ["/var/lib/dkms", "good", "1", release, "x86_64", "module", "tiny.ko"],
      ["/var/lib/dkms", "good", `kernel-${release}-x86_64`],
      ["/var/lib/dkms", "good", "original_module"],
      ["/var/lib/dkms-alpm", "pending"],
      ["/var/lib/dkms-alpm", "stamps", "good"],
      ["/var/lib/dkms-alpm", "stamps", "good", "1", release, "x86_64.json"],
      ["/var/lib/dkms-alpm", "kept", "good", "1", "post-remove.json"],
      ["/usr/lib/modules", release, "pkgbase"],
      ["/usr/lib/modules", release, "updates", "dkms-pkg", "good.json"],
      ["/usr/src", "good-1"],
      ["/usr/src", "good-1", "dkms.conf"],
    ),
    fc.array(fileName, { maxLength: 1 }),
  )
  .map(([known, odd]) => [...known, ...odd].join("/"));

/** Puts a thing at a place; what is there already only gets another owner from `foreign`. */
export function layThing(where: string, { kind, text }: { readonly kind: string; readonly text: string }): void {
  try {
    // What the case has put above it may be a link that leads out.
    for (let above = dirname(where); above !== "/"; above = dirname(above)) {
      if (fs.lstatSync(above, { throwIfNoEntry: false })?.isSymbolicLink() === true) return;
    }
    fs.mkdirSync(dirname(where), { recursive: true });
    if (kind === "foreign" && fs.lstatSync(where, { throwIfNoEntry: false }) !== undefined) {
      fs.lchownSync(where, nobody, nobody);
      return;
    }
    fs.rmSync(where, { recursive: true, force: true });
    if (kind === "directory") fs.mkdirSync(where);
    else if (kind === "pipe") execFileSync("mkfifo", [where]);
    else if (kind === "link") fs.symlinkSync(text === "self" ? where : text, where);
    // A conf is code, and may run what it likes.
    else if (where.endsWith("dkms.conf")) put(where, confText({ PACKAGE_NAME: text }));
    else fs.writeFileSync(where, text, { mode: kind === "unreadable" ? 0 : 0o644 });
    if (kind === "foreign") fs.lchownSync(where, nobody, nobody);
  } catch {
    // A place below a file of the same case: then there is nothing.
  }
}

/** As an earlier run has left it: registered, built and installed. */
export function layOutInstalled(): void {
  layOut();
  fs.mkdirSync("/var/lib/dkms/good/1/build", { recursive: true });
  fs.symlinkSync("/usr/src/good-1", "/var/lib/dkms/good/1/source");
  put(`/var/lib/dkms/good/1/${release}/x86_64/module/tiny.ko`, "object");
  put(`/var/lib/dkms/good/1/${release}/x86_64/log/make.log`, "log");
  fs.symlinkSync(`1/${release}/x86_64`, `/var/lib/dkms/good/kernel-${release}-x86_64`);
  put(`/usr/lib/modules/${release}/updates/dkms/tiny.ko`, "object");
}

/** A second module, in the same state, whose entries nothing touches. */
export function layOutOther(): void {
  put("/usr/src/other-1/dkms.conf", confText({ ...goodConf, PACKAGE_NAME: "other", "BUILT_MODULE_NAME[0]": "calm" }));
  fs.mkdirSync("/var/lib/dkms/other/1", { recursive: true });
  fs.symlinkSync("/usr/src/other-1", "/var/lib/dkms/other/1/source");
  put(`/var/lib/dkms/other/1/${release}/x86_64/module/calm.ko`, "object");
  fs.symlinkSync(`1/${release}/x86_64`, `/var/lib/dkms/other/kernel-${release}-x86_64`);
  put(calmObject, "object");
}

/** The installed object of the second module. */
export const calmObject = `/usr/lib/modules/${release}/updates/dkms/calm.ko`;
