/**
 * Modules whose parts lie at random places (a home, /tmp, /opt, ...) and are named in random ways (links, trees that headers include, the command line, the build's
 * environment): what plain make builds, the sandbox builds too, or the error names the hidden path and what shows it.
 * `DKMS_ALPM_LONG=1` tries many.
 */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { namedPaths, type NamingTexts } from "../../../src/act/sandbox/named-paths.ts";
import { isLong } from "../../form.ts";
import { seededRandom } from "../../e2e/crash/random.ts";
import type { BuildInput } from "../../../src/act/compile/input.ts";
import { Scene } from "../compile/scene.ts";

const random = seededRandom();
const rounds = isLong ? 60 : 8;

const kernelMakefile = `
modules: $(M)/hello.ko
$(M)/hello.ko: $(M)/hello.c
	$(or $(DRIVER_CC),gcc) -c -o $@ $<
`;

/** Names below which a machine keeps trees of its own. */
const bases = ["/home", "/srv", "/opt", "/usr/local/share", "/usr/lib", "/tmp", "/var/tmp"] as const;

/** One module with a part elsewhere. */
interface Arrangement {
  readonly scene: Scene;
  /** Where the part lies. */
  readonly place: string;
  /** The module's source. */
  readonly source: string;
  readonly marker: string;
  readonly input: BuildInput;
}

/** What a way to name the part gives to the build. */
interface Naming {
  readonly texts?: Partial<NamingTexts>;
  /** The command that builds, `BUILD` for the directory. */
  readonly make?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

const words = ({ marker }: Arrangement): string => `const char part[] = "${marker}";\n`;

function put(path: string, text: string, mode = 0o644): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text);
  fs.chmodSync(path, mode);
}

const ways: Readonly<Record<string, (arrangement: Arrangement) => Naming>> = {
  "a link to the file": (it) => {
    put(join(it.place, "hello.c"), words(it));
    fs.symlinkSync(join(it.place, "hello.c"), join(it.source, "hello.c"));
    return {};
  },
  "a link to a link": (it) => {
    put(join(it.place, "deep/hello.c"), words(it));
    fs.symlinkSync("deep/hello.c", join(it.place, "way.c"));
    fs.symlinkSync(join(it.place, "way.c"), join(it.source, "hello.c"));
    return {};
  },
  "a link to a directory": (it) => {
    put(join(it.place, "include/part.h"), words(it));
    fs.symlinkSync(join(it.place, "include"), join(it.source, "include"));
    put(join(it.source, "hello.c"), '#include "include/part.h"\n');
    return {};
  },
  "a tree that the headers' Makefile includes": (it) => {
    put(join(it.place, "Makefile"), kernelMakefile);
    put(join(it.scene.headers, "Makefile"), `include ${it.place}/Makefile\n`);
    put(join(it.source, "hello.c"), words(it));
    return {};
  },
  "a tree that the headers' Makefile sets": (it) => {
    put(join(it.place, "scripts/rules.mk"), kernelMakefile);
    put(join(it.scene.headers, "Makefile"), `srctree := ${it.place}\ninclude $(srctree)/scripts/rules.mk\n`);
    put(join(it.source, "hello.c"), words(it));
    return {};
  },
  "a link in the headers": (it) => {
    put(join(it.place, "rules.mk"), kernelMakefile);
    fs.symlinkSync(it.place, join(it.scene.headers, "scripts"));
    put(join(it.scene.headers, "Makefile"), "include scripts/rules.mk\n");
    put(join(it.source, "hello.c"), words(it));
    return {};
  },
  "a make on the command line": (it) => {
    put(join(it.place, "driver-make"), '#!/bin/sh\nexec make "$@"\n', 0o755);
    put(join(it.source, "hello.c"), words(it));
    const make = `${it.place}/driver-make -C ${it.scene.headers} M=BUILD modules`;
    return { make, texts: { options: { directives: [`MAKE='${make}'`] } } };
  },
  "a compiler of build_environment": (it) => {
    put(join(it.place, "cc"), '#!/bin/sh\nexec gcc "$@"\n', 0o755);
    put(join(it.source, "hello.c"), words(it));
    return { variables: { DRIVER_CC: join(it.place, "cc") } };
  },
  "a path in the C file, which nothing names before": (it) => {
    put(join(it.place, "part.h"), words(it));
    put(join(it.source, "hello.c"), `#include "${it.place}/part.h"\n`);
    return {};
  },
};

/** What plain make builds of a copy of the source, where it lies. */
function plainMake({ scene, source }: Arrangement, { make, variables }: Naming): string {
  const copy = join(scene.root, "plain");
  execFileSync("cp", ["-a", source, copy]);
  const command = (make ?? `make -C ${scene.headers} M=BUILD modules`).replaceAll("BUILD", copy);
  const { status, stderr } = spawnSync("bash", ["-c", command], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...variables },
  });
  assert.is(status, 0, `plain make: ${stderr}`);
  return fs.readFileSync(join(copy, "hello.ko"), "latin1");
}

async function build({ scene, source, input: usualInput }: Arrangement, naming: Naming, more: readonly string[] = []) {
  const { variables = {}, texts = {}, make } = naming;
  const usual = { source, headers: scene.headers, conf: `${source}/dkms.conf`, variables, root: "/" };
  const directives = { make, scripts: {} };
  const readable = namedPaths({ ...usual, directives, options: { directives: [] }, ...texts });
  const input = {
    ...usualInput,
    directives: {
      make: make?.replaceAll("BUILD", `${scene.layout.dkmsTree}/hello/1.0/build`),
      patches: [],
      scripts: {},
    },
    variables,
    readable,
  };
  return scene.attempt(input, scene.environment({ readable: more }));
}

for (let count = 0; count < rounds; count += 1) {
  const kinds = Object.keys(ways);
  // Every way has its turn before one comes again.
  const kind = kinds[(count + Math.floor(random.below(2))) % kinds.length] ?? "";
  const base = random.pick([...bases]);
  // Homes are private; what only root may enter elsewhere is not for builds.
  const mode = base === "/home" ? random.pick([0o755, 0o700, 0o711]) : 0o755;
  test(`${kind}, below ${base}, mode ${mode.toString(8)} (seed ${random.seed})`, async () => {
    const scene = new Scene();
    const folder = fs.mkdtempSync(`${base}/dkms-gen-`);
    fs.chmodSync(folder, mode);
    try {
      // A whole home is shown to nobody.
      const depth = random.pick(base === "/home" ? ["a", "a/b"] : ["", "a", "a/b"]);
      const place = join(folder, depth);
      put(join(place, "other"), "");
      put(join(scene.headers, "Makefile"), kernelMakefile);
      const input = scene.input({ "dkms.conf": "" });
      const { source } = input;
      const arrangement = { scene, place, source, input, marker: `part-${count}-${Math.floor(random.below(1e6))}` };
      const naming = ways[kind]?.(arrangement) ?? {};
      assert.ok(plainMake(arrangement, naming).includes(arrangement.marker));
      const error = await build(arrangement, naming);
      if (error !== undefined) {
        const hidden = `${error.message} ${error.facts.hint ?? ""}`;
        assert.ok(kind.includes("nothing names"), `${hidden}\n${scene.log()}`);
        assert.match(hidden, place);
        assert.match(hidden, "Readable=");
        const again = await build(arrangement, naming, [place]);
        assert.is(again, undefined, again?.message);
      }
      const object = fs.readFileSync(join(scene.root, scene.result(input), "module/hello.ko"), "latin1");
      assert.ok(object.includes(arrangement.marker), "the object is not what plain make builds");
    } finally {
      scene.remove();
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
}

test.run();
