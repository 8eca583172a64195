/** Packages of the Debian archive, fetched by apt and unpacked, never installed. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, contentKey } from "./cache.ts";
import { need, runCommand } from "./command.ts";
import { generation, lowestLayer } from "./generation.ts";

/** A package of the archive, unpacked. */
export interface UnpackedDeb {
  /** The archive's file name, which holds name, version and architecture. */
  readonly file: string;
  /** Debian's version without the epoch: `0.12.7-2`. */
  readonly version: string;
  /** The folder that holds its files, read-only by agreement. */
  readonly folder: string;
}

/** Fetches a Debian package in the version that apt knows now, or finds it in the cache. */
export async function unpackedDeb(name: string): Promise<UnpackedDeb> {
  const uri = await answer("apt-get", "download", "--print-uris", name);
  // 'http://.../foo_1%3a2.0-1_all.deb' foo_1%3a2.0-1_all.deb 37240 SHA256:...
  const file = /^'[^']+' (\S+\.deb) /m.exec(uri)?.[1];
  if (file === undefined) throw new Error(`apt knows no package ${name}:\n${uri}`);
  const folder = await cached(`debs/${file}`, async (making) => {
    await need(["apt-get", ...(await aptOptions()), "-qq", "download", name], { cwd: making });
    mkdirSync(join(making, "root"));
    await need(["sh", "-c", "dpkg-deb -x *.deb root && rm *.deb"], { cwd: making });
  });
  const version = decodeURIComponent(file.split("_")[1] ?? "").replace(/^\d+:/, "");
  return { file, version, folder: join(folder, "root") };
}

/** The names of the archive's packages that match. */
export async function debNames(pattern: RegExp): Promise<string[]> {
  const names = await answer("apt-cache", "pkgnames");
  return names.split("\n").filter((name) => pattern.test(name));
}

/** What apt would install in the root of the newest generation to have these packages: they, and what they depend on. */
export async function debsToInstall(...names: readonly string[]): Promise<string[]> {
  const said = await answer("apt-get", "--simulate", "--no-install-recommends", "install", ...names);
  return [...said.matchAll(/^Inst (\S+) /gm)].map(([, name = ""]) => name);
}

/** What apt says, kept until its index is another: it takes the better part of a second to read that, and dozens of test files ask. */
async function answer(...words: readonly [program: string, ...rest: string[]]): Promise<string> {
  const [program, ...rest] = words;
  const ask = async (): Promise<string> => need([program, ...(await aptOptions()), ...rest]);
  const lists = statSync(join(lowestLayer, "var/lib/apt/lists"), { throwIfNoEntry: false });
  if (lists === undefined) return ask();
  const folder = await cached(`apt-answers/${contentKey([generation, lists.mtimeMs, words])}`, async (making) => {
    writeFileSync(join(making, "answer"), await ask());
  });
  return readFileSync(join(folder, "answer"), "utf8");
}

let found: Promise<readonly string[]> | undefined;

/** The host's own apt where it knows Debian 12; anywhere else (another Debian, Arch) an apt with sources and state of its own. */
function aptOptions(): Promise<readonly string[]> {
  found ??= findApt();
  return found;
}

async function findApt(): Promise<readonly string[]> {
  // apt would rather download as its own user, who cannot write to the cache.
  const asRoot = ["-o", "APT::Sandbox::User=root"];
  if (generation === "newest") return [...asRoot, ...newestSettings()];
  const known = await runCommand(["apt-cache", "show", "linux-kbuild-6.1"]);
  if (known.status === 0) return asRoot;
  // A new index each month; what has left the archive since is in the cache of packages, or an error of apt's.
  const folder = await cached(`apt-${new Date().toISOString().slice(0, 7)}`, async (making) => {
    for (const name of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(making, name), { recursive: true });
    writeFileSync(join(making, "status"), "");
    writeFileSync(join(making, "sources.list"), debianSources);
    await need(["apt-get", ...asRoot, ...settings(making), "-qq", "update"]);
  });
  return [...asRoot, ...settings(folder)];
}

/** The lists of the newest generation's root, and a cache beside it. */
function newestSettings(): string[] {
  const cache = join(lowestLayer, "../apt-cache");
  mkdirSync(join(cache, "archives/partial"), { recursive: true });
  const places = { Etc: "etc/apt", State: "var/lib/apt", "State::Status": "var/lib/dpkg/status" };
  const options = Object.entries(places).map(([name, path]) => `Dir::${name}=${join(lowestLayer, path)}`);
  return [...options, `Dir::Cache=${cache}`].flatMap((option) => ["-o", option]);
}

/** An apt whose configuration and state lie in a folder. */
function settings(folder: string): string[] {
  const values = {
    "Dir::Etc::SourceList": join(folder, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State": folder,
    "Dir::State::Status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "APT::Architecture": "amd64",
    "APT::Architectures": "amd64",
  };
  return Object.entries(values).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}

const signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";

const debianSources = `deb ${signed} http://deb.debian.org/debian bookworm main
deb ${signed} http://deb.debian.org/debian bookworm-updates main
deb ${signed} http://deb.debian.org/debian-security bookworm-security main
`;
