/** The real pacman in a scratch root of its own: what does it make of these hook files? */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** How a transaction ended. */
export interface Transaction {
  readonly verdict: "accepts" | "refuses" | "crashes";
  /** What pacman printed, with the hook directory's path cut off. */
  readonly output: string;
  /** What hooks wrote to the file `/out` of the root. */
  readonly written: string;
}

/** A scratch root with one package in it, which every transaction installs again: an upgrade. */
export interface ScratchPacman {
  /** The root as the host sees it; hooks run chrooted into it, with sh, cat and true. */
  readonly root: string;
  transaction(hooks: ReadonlyMap<string, string | Buffer>): Transaction;
  dispose(): void;
}

/** Makes the root; the package `demo-dkms` owns `paths` (directories end in `/`). Needs root and the programs of pacman. */
export function scratchPacman(paths: readonly string[]): ScratchPacman {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-pacman-"));
  const root = join(folder, "root");
  const hookDirectory = join(folder, "hooks");
  for (const path of ["var/lib/pacman", "usr/bin", "tmp", "dev"]) mkdirSync(join(root, path), { recursive: true });
  for (const program of ["/bin/sh", "/bin/cat", "/bin/true"]) copyProgram(program, root);
  const config = join(folder, "pacman.conf");
  writeFileSync(config, "[options]\nSigLevel = Never\n");
  const archive = demoPackage(folder, paths);
  const options = [
    ...["--config", config, "--root", root, "--dbpath", join(root, "var/lib/pacman"), "--cachedir", join(root, "tmp")],
    ...["--logfile", join(root, "log"), "--gpgdir", join(root, "gpg"), "--hookdir", hookDirectory],
    ...["--noconfirm", "--noprogressbar", "--dbonly", "-U", archive],
  ];
  const transaction: ScratchPacman["transaction"] = (hooks) => {
    rmSync(hookDirectory, { recursive: true, force: true });
    rmSync(join(root, "out"), { force: true });
    rmSync(join(root, "var/lib/pacman/db.lck"), { force: true });
    mkdirSync(hookDirectory);
    for (const [name, text] of hooks) writeFileSync(join(hookDirectory, name), text);
    const [program = "", ...words] = [...asRoot, "pacman", ...options];
    const child = spawnSync(program, words, {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
      timeout: 30_000,
      maxBuffer: 1 << 26,
    });
    if (child.error !== undefined) throw child.error;
    const output = (child.stdout + child.stderr).replaceAll(`${hookDirectory}/`, "");
    const crashed = child.signal === "SIGSEGV" || child.status === 139;
    const verdict = crashed ? "crashes" : child.status === 0 ? "accepts" : "refuses";
    if (verdict === "refuses" && !output.includes("failed to run transaction hooks")) throw new Error(output);
    return { verdict, output, written: readIfThere(join(root, "out")) };
  };
  transaction(new Map());
  return { root, transaction, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** pacman wants to be root, and is so in a namespace of the user's own as well. */
const asRoot = process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user"];

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function copyProgram(program: string, root: string): void {
  const libraries = execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/\/\S+/g);
  for (const source of [program, ...Array.from(libraries, ([path]) => path)]) {
    const target = join(root, source);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
}

function demoPackage(folder: string, paths: readonly string[]): string {
  const content = join(folder, "package");
  mkdirSync(content);
  writeFileSync(join(content, ".PKGINFO"), "pkgname = demo-dkms\npkgver = 1-1\narch = any\nsize = 1\n");
  for (const path of paths) {
    mkdirSync(join(content, path.endsWith("/") ? path : dirname(path)), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(join(content, path), "");
  }
  const archive = join(folder, "demo-dkms-1-1-any.pkg.tar");
  execFileSync("bsdtar", ["-cf", archive, ".PKGINFO", ...new Set(paths.map((path) => path.split("/")[0] ?? ""))], {
    cwd: content,
  });
  return archive;
}
