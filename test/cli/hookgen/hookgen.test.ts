import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const program = resolve(import.meta.dirname, "../../../dist/bin/dkms-hookgen");
if (!existsSync(program)) throw new Error(`${program} does not exist: run scripts/build first`);

/** A hook directory and the built program, which is told of it. */
interface Scene {
  readonly directory: string;
  hookgen(words: string): { readonly status: number | null; readonly out: string; readonly err: string };
  files(): readonly string[];
  read(name: string): string;
}

function scene(title: string, play: (scene: Scene) => void): void {
  test(title, () => {
    const directory = mkdtempSync(join(tmpdir(), "dkms-hookgen-"));
    try {
      play({
        directory,
        hookgen: (words) => {
          const argv = [program, "--hookdir", directory, ...words.split(" ").filter((word) => word !== "")];
          const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
          return { status, out: stdout.replaceAll(directory, "DIR"), err: stderr.replaceAll(directory, "DIR") };
        },
        files: () => readdirSync(directory).toSorted(),
        read: (name) => readFileSync(join(directory, name), "utf8"),
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

const linux = "90-mkinitcpio-dkms-linux.hook";
const lts = "90-mkinitcpio-dkms-linux-lts.hook";
const write = "--generator mkinitcpio";

scene("two modules, two kernels; then one module goes, then the other", ({ hookgen, files, read, directory }) => {
  assert.is(hookgen(`${write} zfs-dkms,nvidia-dkms linux linux-lts`).status, 0);
  assert.equal(files(), [lts, linux]);
  for (const name of files()) assert.match(read(name), "Target = nvidia-dkms\nTarget = zfs-dkms\n");
  assert.is(
    hookgen("--list").out,
    `${linux}: nvidia-dkms, zfs-dkms; as written (exec)\n${lts}: nvidia-dkms, zfs-dkms; as written (exec)\n`,
  );

  assert.is(hookgen("--remove nvidia-dkms").status, 0);
  assert.equal(files(), [lts, linux]);
  for (const name of files()) {
    assert.match(read(name), "Target = zfs-dkms\n");
    assert.not.match(read(name), "nvidia");
  }
  assert.equal(hookgen("--lint"), { status: 0, out: "", err: hookgen("--lint").err });

  const removal = hookgen("--remove zfs-dkms --json");
  assert.is(removal.status, 0);
  assert.equal(JSON.parse(removal.out).removed.toSorted(), [lts, linux]);
  assert.equal(files(), []);
  assert.ok(existsSync(directory));
});

scene("a second call changes nothing", ({ hookgen, read }) => {
  hookgen(`${write} zfs-dkms linux`);
  const text = read(linux);
  assert.match(hookgen(`${write} zfs-dkms linux`).err, "is up to date");
  assert.is(read(linux), text);
});

scene("--stdout prints and writes nothing; several hooks have their names above them", ({ hookgen, files }) => {
  const { status, out } = hookgen(`${write} zfs-dkms linux --stdout --style shell`);
  assert.is(status, 0);
  assert.match(out, "/usr/bin/mkinitcpio -p linux'");
  const two = hookgen(`${write} zfs-dkms linux linux-lts --stdout`).out;
  assert.match(two, new RegExp(`^# ${linux}\n[^]*\n# ${lts}\n`));
  assert.equal(files(), []);
});

scene("what is switched off is left so, unless forced", ({ hookgen, read, directory }) => {
  symlinkSync("/dev/null", join(directory, linux));
  const refused = hookgen(`${write} zfs-dkms linux linux-lts`);
  assert.is(refused.status, 1);
  assert.match(refused.err, `==> ERROR: DIR/${linux} is left as it is: it has no trigger`);
  assert.is(read(linux), "");
  assert.match(read(lts), "Target = zfs-dkms");
  assert.is(hookgen(`${write} zfs-dkms linux --force`).status, 0);
  assert.match(read(linux), "Target = zfs-dkms");
  assert.is(readFileSync("/dev/null", "utf8"), "");
});

scene("a hook that is kept elsewhere is changed there", ({ hookgen, directory, read }) => {
  const elsewhere = join(directory, "elsewhere");
  mkdirSync(elsewhere);
  hookgen(`${write} zfs-dkms linux`);
  writeFileSync(join(elsewhere, "mine"), read(linux));
  rmSync(join(directory, linux));
  symlinkSync("elsewhere/mine", join(directory, linux));
  assert.is(hookgen(`${write} nvidia-dkms linux`).status, 0);
  assert.match(readFileSync(join(elsewhere, "mine"), "utf8"), "Target = nvidia-dkms");
  assert.equal(readdirSync(elsewhere), ["mine"]);
});

scene("the linter tells what stops pacman, links to nothing among it", ({ hookgen, directory }) => {
  writeFileSync(join(directory, "a.hook"), "[Trigger]\nOperation = Sometimes\n");
  symlinkSync("/nowhere", join(directory, "b.hook"));
  mkdirSync(join(directory, "c.hook"));
  const { status, out } = hookgen("--lint --quiet");
  assert.is(status, 1);
  assert.match(out, 'DIR/a.hook:2: error: "Sometimes" is no value of Operation');
  assert.match(out, "DIR/b.hook: error: it is a link to nothing (/nowhere)");
  assert.not.match(out, "c.hook");
  const { files: found }: { files: unknown } = JSON.parse(
    hookgen(`--lint --json ${directory}/b.hook ${directory}/d.hook`).out,
  );
  assert.equal(Array.isArray(found) ? found.map(({ path, findings }) => [path, findings[0].code]) : found, [
    ["DIR/b.hook", "dangling-link"],
    ["DIR/d.hook", "unreadable"],
  ]);
});

test("without --hookdir hooks go to the last HookDir of pacman.conf, and are listed from there", () => {
  const directory = mkdtempSync(join(tmpdir(), "dkms-hookgen-"));
  try {
    const [first, last] = [join(directory, "first"), join(directory, "last")];
    for (const one of [first, last]) mkdirSync(one);
    const config = join(directory, "pacman.conf");
    writeFileSync(config, `[options]\nHookDir = ${first}/\nHookDir = ${last}/\n`);
    // In a mount namespace of its own, where pacman has this configuration.
    const owner = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const script = 'mount --bind "$0" /etc/pacman.conf && exec "$@"';
    const hookgen = (...words: string[]): string => {
      const command = [process.execPath, program, ...words];
      const { status, stdout, stderr } = spawnSync(
        "unshare",
        [...owner, "--mount", "sh", "-c", script, config, ...command],
        { encoding: "utf8" },
      );
      assert.is(status, 0, stderr);
      return stdout;
    };
    hookgen("--generator", "mkinitcpio", "zfs-dkms", "linux");
    assert.equal([readdirSync(first), readdirSync(last)], [[], [linux]]);
    assert.is(hookgen("--list"), `${linux}: zfs-dkms; as written (exec)\n`);
    hookgen("--remove", "zfs-dkms");
    assert.equal([readdirSync(first), readdirSync(last)], [[], []]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scene("command lines", ({ hookgen }) => {
  assert.match(hookgen("--help").out, "dkms-hookgen [OPTION]... MODULE-dkms[,MODULE-dkms]... KERNEL...");
  assert.match(hookgen("--version").out, /^dkms-hookgen \d/);
  assert.is(hookgen("").status, 2);
  assert.is(hookgen("zfs-dkms ../linux").status, 2);
});

test.run();
