/** Copies of bytes that belong to whoever copies: newer Nodes give a copy the owner of the original, which can be the user that builds run as. */
import { copyFileSync, lchownSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Copies a file's bytes and permissions, never its owner; `mode` is that of copyFile(3) of Node. Errors are Node's. */
export function copyContent(from: string, to: string, mode = 0): void {
  copyFileSync(from, to, mode);
  takeOver(to);
}

/** Whether a file or directory belongs to somebody else; links are not followed. */
export function isForeign(path: string): boolean {
  return lstatSync(path).uid !== ownId();
}

/** Makes a tree our own; links are given themselves, never followed. Errors are Node's. */
export function takeOverTree(path: string): void {
  takeOver(path);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) takeOverTree(join(path, name));
}

function takeOver(path: string): void {
  if (isForeign(path)) lchownSync(path, ownId(), process.getegid?.() ?? 0);
}

function ownId(): number {
  return process.geteuid?.() ?? 0;
}
