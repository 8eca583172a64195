/** Modules for made-up kernels: sources that hold their objects already. */
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, contentKey } from "../cache.ts";
import { need } from "../command.ts";
import type { Fill } from "./twins.ts";

export interface MadeUpModule {
  readonly name: string;
  readonly version: string;
  /** Names of its kernel objects; one with the module's name by default. */
  readonly objects?: readonly string[];
  /** Lines after those that every conf has, where later ones win. */
  readonly conf?: string;
  /** The whole text of dkms.conf instead. */
  readonly wholeConf?: string;
  /** Further files by their path in the source; scripts (`*.sh`) can be executed. */
  readonly files?: Readonly<Record<string, string>>;
  /** Name of the folder below /usr/src; `<name>-<version>` by default. */
  readonly folder?: string;
}

/** The sources of these modules for /usr/src, or finds them in the cache. */
export async function madeUpModules(modules: readonly MadeUpModule[]): Promise<Fill> {
  const from = await cached(`made-up-modules/${contentKey([modules, confOf.toString()])}`, async (making) => {
    for (const module of modules) {
      const folder = join(making, module.folder ?? `${module.name}-${module.version}`);
      mkdirSync(folder);
      writeFileSync(join(folder, "dkms.conf"), module.wholeConf ?? confOf(module));
      for (const object of objectsOf(module)) {
        cpSync(await compileObject({ name: object, version: module.version }), join(folder, `${object}.bin`));
      }
      for (const [path, text] of Object.entries(module.files ?? {})) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
        if (path.endsWith(".sh")) chmodSync(join(folder, path), 0o755);
      }
    }
  });
  return { from, to: "/usr/src" };
}

/** The text of a made-up module's dkms.conf. */
export function confOf(module: MadeUpModule): string {
  const objects = objectsOf(module).map(
    (name, index) => `BUILT_MODULE_NAME[${index}]="${name}"\nDEST_MODULE_LOCATION[${index}]="/kernel/drivers/misc"\n`,
  );
  return `PACKAGE_NAME="${module.name}"\nPACKAGE_VERSION="${module.version}"\n${objects.join("")}AUTOINSTALL="yes"\n${module.conf ?? ""}`;
}

function objectsOf({ name, objects }: MadeUpModule): readonly string[] {
  return objects ?? [name];
}

/** An object with what modinfo reads and nothing that a kernel could run; gives its path. */
export async function compileObject({ name, version }: Pick<MadeUpModule, "name" | "version">): Promise<string> {
  const folder = await cached(`made-up-objects/${name}-${version}`, async (making) => {
    const info = `name=${name}\\0license=GPL\\0version=${version}\\0srcversion=${contentKey([name, version]).toUpperCase()}\\0depends=\\0`;
    const source = `const char info[] __attribute__((section(".modinfo"), used)) = "${info}";\nint value_of_${name.replaceAll(/\W/g, "_")} = 1;\n`;
    await need(["gcc", "-g", "-c", "-x", "c", "-o", join(making, "object"), "-"], { input: source });
  });
  return join(folder, "object");
}
