/** A scratch machine for builds: trees in a temporary directory and a made-up kernel whose Makefile compiles with the real gcc. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { BuildEnvironment, BuildInput, StagedObject } from "../../../src/act/compile/input.ts";
import type { SandboxSettings } from "../../../src/model/settings/sandbox-settings.ts";
import { buildPair } from "../../../src/act/compile/compile.ts";
import { openJobPool } from "../../../src/act/jobs/jobserver.ts";
import { DkmsError } from "../../../src/model/errors.ts";
import { movedLayout, resultDirectory } from "../../../src/model/machine/layout.ts";
import { architecture, kernelRelease, moduleName, moduleVersion } from "../../../src/model/names.ts";
import { explain } from "../../../src/decide/hints/rules.ts";
import type { Event } from "../../../src/model/run/outcome.ts";
import type { Pair } from "../../../src/model/pair.ts";

/** Files of a module, by their paths; those that begin with `#!` are executable. */
export type Files = Readonly<Record<string, string>>;

/** `make -C <headers> M=<build>` makes an object of every C file, as the kernel's own Makefile does from Kbuild lists. */
const kernelMakefile = `
objects := $(patsubst %.c,%.ko,$(wildcard $(M)/*.c))
modules: $(objects)
	@echo "kernel $(KERNELRELEASE)" > $(M)/release.txt
	@echo "0x1 f $(M) EXPORT_SYMBOL" > $(M)/Module.symvers
%.ko: %.c
	gcc -c -o $@ $<
`;

/** A module that builds. */
export const goodModule: Files = { "dkms.conf": "", "hello.c": "int hello(void) { return 1; }\n" };

/** One scratch machine. */
export class Scene {
  readonly root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "dkms-alpm-build-")));
  readonly layout = {
    ...movedLayout({
      dkmsTree: `${this.root}/tree`,
      sourceTree: `${this.root}/src`,
      installTree: `${this.root}/modules`,
    }),
    overrides: `${this.root}/etc`,
  };
  readonly headers = `${this.root}/headers`;
  readonly events: Event[] = [];
  readonly finished: StagedObject[] = [];

  constructor() {
    this.write({ "headers/Makefile": kernelMakefile });
  }

  write(files: Files, mode = 0o644): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.root, path);
      fs.mkdirSync(dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
      fs.chmodSync(file, text.startsWith("#!") ? 0o755 : mode);
    }
  }

  read(path: string): string {
    return fs.readFileSync(join(this.root, path), "utf8");
  }

  /** The same headers where the kernel's own are. */
  ownHeaders(): string {
    const path = join(this.layout.installTree, "6.1.0-test/build");
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.cpSync(this.headers, path, { recursive: true });
    return path;
  }

  list(path: string): readonly string[] {
    return fs.existsSync(join(this.root, path)) ? fs.readdirSync(join(this.root, path)).toSorted() : [];
  }

  pair(release = "6.1.0-test"): Pair {
    return {
      module: { name: moduleName("hello"), version: moduleVersion("1.0") },
      kernel: { release: kernelRelease(release), arch: architecture("x86_64") },
    };
  }

  /** A module with its source registered in the tree, as `add` leaves it. */
  input(files: Files = goodModule, changes: Partial<BuildInput> = {}): BuildInput {
    const source = join(this.layout.sourceTree, "hello-1.0");
    fs.rmSync(source, { recursive: true, force: true });
    this.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`src/hello-1.0/${path}`, text])));
    const tree = join(this.layout.dkmsTree, "hello/1.0");
    fs.mkdirSync(join(tree, "build"), { recursive: true });
    fs.rmSync(join(tree, "source"), { force: true });
    fs.symlinkSync(source, join(tree, "source"));
    return {
      pair: this.pair(),
      source,
      kernelSource: this.headers,
      directives: { make: undefined, patches: [], scripts: {} },
      objects: [{ builtName: "hello", builtLocation: "", destName: "hello", strip: true }],
      facts: { compiler: {}, llvm: false },
      dependencies: [],
      readable: [],
      variables: {},
      ...changes,
    };
  }

  environment(settings: Partial<SandboxSettings> = {}, changes: Partial<BuildEnvironment> = {}): BuildEnvironment {
    return {
      program: "dkms-alpm-test",
      layout: this.layout,
      timeLimit: 7200,
      sandbox: { sandbox: "auto", network: "no", readable: [], writable: [], hidden: [], root: "/", ...settings },
      pool: openJobPool(2),
      finish: (objects) => Promise.resolve(this.finished.push(...objects)),
      tell: (event) => this.events.push(event),
      signal: new AbortController().signal,
      explain,
      ...changes,
    };
  }

  /** Builds, and returns the error if that fails. */
  async attempt(input: BuildInput, environment: BuildEnvironment = this.environment()): Promise<DkmsError | undefined> {
    try {
      await buildPair(input, environment);
      return undefined;
    } catch (error) {
      if (error instanceof DkmsError) return error;
      throw error;
    } finally {
      environment.pool.close();
    }
  }

  /** Path of the result below the root. */
  result(input: BuildInput): string {
    return resultDirectory(this.layout, input.pair).slice(this.root.length + 1);
  }

  /** The log of the last build of the pair. */
  log(release = "6.1.0-test"): string {
    return this.read(`tree/.dkms-alpm/log/hello-1.0-${release}-x86_64.log`);
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** A script of the module. */
export const script = (path: string, words = ""): { readonly path: string; readonly words: string } => ({
  path,
  words,
});
