/** Whether a file that a build has made is an object of the kernel that it was built for. */
import { join } from "node:path";
import { readElfObject, type NoObject } from "../../model/kernel/elf-object.ts";
import { fitsMachine } from "../../model/kernel/machines.ts";
import { withParts } from "../../system/files/file-parts.ts";
import { readText } from "../../system/files/content.ts";
import { fileFacts } from "../../system/files/files.ts";

/** What objects of a kernel have in common. */
export interface ObjectTraits {
  /** As uname(1) tells it. */
  readonly arch: string;
  /** The first word of every object's vermagic, UTS_RELEASE; undefined where the headers do not tell it. */
  readonly release: string | undefined;
  /** The release for which the object was asked for: one that says otherwise is none of the kernel's, headers or not. */
  readonly named?: string | undefined;
}

const reasons: Readonly<Record<NoObject, string>> = {
  empty: "it is empty",
  "no-elf": "it is no ELF file",
  "not-relocatable": "it is no relocatable object",
  damaged: "its sections lead nowhere",
};

/** Why a file is no object of the kernel, in words that follow its name; undefined when nothing speaks against it. */
export function objectFault(file: string, { arch, release, named }: ObjectTraits): string | undefined {
  const object = withParts(file, readElfObject);
  if (typeof object === "string") return reasons[object];
  if (fitsMachine(object, arch) === false) {
    return `it is made for another machine (${object.bits} bits, number ${object.machine}) than ${arch}`;
  }
  const right = release ?? named;
  if (object.vermagic === undefined) {
    return release === undefined ? undefined : "it has no vermagic, which every module of a kernel has";
  }
  if (right === undefined || object.vermagic.split(" ")[0] === right) return undefined;
  return `its vermagic is "${printable(object.vermagic)}", and that of the kernel begins with ${right}`;
}

/** The release that headers give to every object built against them, UTS_RELEASE; undefined where they do not tell it. */
export function headersRelease(headers: string): string | undefined {
  const header = smallText(join(headers, "include/generated/utsrelease.h"));
  const defined = /^#define UTS_RELEASE "([^"\s]+)"/m.exec(header)?.[1];
  return defined ?? (smallText(join(headers, "include/config/kernel.release")).trim() || undefined);
}

/** Nothing that tells a release is longer. */
function smallText(path: string): string {
  const size = fileFacts(path)?.size ?? 0;
  return size === 0 || size > 65_536 ? "" : (readText(path) ?? "");
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
