/** The pacman package of this project, built by its own PKGBUILD. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cached, contentKey, treeKey } from "./cache.ts";
import { need } from "./command.ts";
import { createMachine, type Machine, type MachineOptions } from "./machine.ts";
import { nodeUnderTest } from "./node-under-test.ts";

const project = resolve(import.meta.dirname, "../..");

/** What the package is made from. */
const folders: readonly string[] = ["src", "hooks", "pkgbuild", "scripts", "docs"];
const pages = readdirSync(project).filter((name) => name.endsWith(".md"));
const files = ["package.json", "package-lock.json", "tsconfig.json", "LICENSE", ...pages];

/** Builds the package from the checkout as it is now (once for each state of it), and gives the archive's path. */
export async function projectPackage(): Promise<string> {
  const texts = files.map((file) => readFileSync(join(project, file), "utf8"));
  const key = contentKey([treeKey(...folders.map((folder) => join(project, folder))), texts]);
  const folder = await cached(`project/${key}`, async (making) => {
    const copy = join(making, "copy");
    copyProject(copy);
    await makepkg({ folder: join(copy, "pkgbuild"), modules: join(copy, "node_modules"), destination: making });
    await need(["rm", "-rf", copy]);
  });
  const archive = readdirSync(folder).find((name) => name.startsWith("dkms-alpm-"));
  if (archive === undefined) throw new Error(`makepkg left no package in ${folder}`);
  return join(folder, archive);
}

/** A machine in which this project's package is installed, before any other that the options name. */
export async function projectMachine(options: MachineOptions = {}): Promise<Machine> {
  const { packages = [], morePackages = [] } = options;
  const own = await projectPackage();
  return createMachine({
    ...options,
    packages: [own],
    morePackages: [...packages, ...morePackages],
  });
}

/** Copies all that the package is made from into a new folder. */
export function copyProject(to: string): void {
  mkdirSync(to);
  for (const name of [...folders, ...files]) cpSync(join(project, name), join(to, name), { recursive: true });
}

/** A PKGBUILD to build. */
export interface Making {
  /** The folder that it lies in. */
  readonly folder: string;
  /** Where its build looks for npm packages: it sees those of the checkout there, by a bind mount of its own. */
  readonly modules?: string;
  readonly network?: boolean;
  /** Where the package goes. */
  readonly destination: string;
  readonly options?: readonly string[];
}

/** Runs makepkg, which must succeed. */
export async function makepkg({ folder, modules, destination, options = [], network = true }: Making): Promise<void> {
  // makepkg refuses to run as root, so root goes by another user id there.
  const bound = modules === undefined ? "" : 'mkdir -p "$0"; mount --bind "$1" "$0"; ';
  const script = `${bound}shift; exec unshare --user --map-user=1000 --map-group=1000 makepkg "$@"`;
  const configuration = existsSync("/etc/makepkg.conf") ? [] : ["--config", "/usr/share/makepkg.conf"];
  const words = ["--nodeps", "--force", "--noconfirm", ...configuration, ...options];
  const spaces = ["--mount", ...(network ? [] : ["--net"])];
  await need(["unshare", ...spaces, "sh", "-ec", script, modules ?? "sh", join(project, "node_modules"), ...words], {
    cwd: folder,
    env: {
      PATH: `${resolve(nodeUnderTest, "..")}:/usr/local/bin:/usr/bin:/usr/sbin:/bin`,
      HOME: folder,
      LANG: "C.UTF-8",
      PKGDEST: destination,
      PKGEXT: ".pkg.tar.zst",
      SOURCE_DATE_EPOCH: "1700000000",
    },
  });
}
