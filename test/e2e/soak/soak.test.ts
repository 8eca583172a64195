/** Hundreds of transactions of every kind on one machine, some aborted and some in which our programs are killed: at each end there is what should be there. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { setTimeout as delay } from "node:timers/promises";
import { countedAs } from "../../reliability-row.ts";
import { seededRandom } from "../crash/random.ts";
import type { Machine } from "../machine.ts";
import { projectMachine } from "../project-package.ts";
import { committed, type Model } from "./model.ts";
import { offers, type Offer } from "./packages.ts";
import { isLong } from "../../form.ts";

const transactions = isLong ? 500 : 15;
const random = seededRandom();
const all = await offers();

/** How often a program of ours was killed. */
let kills = 0;

test(`${transactions} transactions, seed ${random.seed}`, () =>
  countedAs(
    {
      what: "transactions of every kind, one after the other",
      fault: "aborted, killed, failing builds, missing headers",
      tried: transactions,
    },
    async () => {
      const machine = await projectMachine({ osRelease: "arch" });
      const story: string[] = [];
      let model: Model = { packages: new Map(), modules: new Map() };
      try {
        for (let count = 1; count <= transactions; count += 1) {
          model = await transaction(machine, model, story);
          assert.equal(await modulesOf(machine), sorted(model), story.join("\n"));
        }
        const tried = story.filter((line) => line.startsWith("killed: ")).length;
        assert.ok(tried === 0 || kills > 0, `none of ${tried} transactions had one of our programs killed`);
      } finally {
        await machine.dispose();
      }
    },
  ));

/** One transaction by chance; gives what should be there after it. */
async function transaction(machine: Machine, model: Model, story: string[]): Promise<Model> {
  const names = [...model.packages.keys()];
  const removed = random.below(4) < 1 ? names.filter(() => random.below(3) < 1) : [];
  const chosen = [random.pick(all), random.pick(all), random.pick(all)].slice(0, 1 + Math.floor(random.below(3)));
  const installed = removed.length > 0 ? [] : [...new Map(chosen.map((offer) => [offer.name, offer])).values()];
  const words = removed.length > 0 ? ["-R", ...removed] : ["-U", ...installed.map(({ archive }) => archive)];
  const fate = random.below(6);
  story.push(
    `${fate < 1 ? "aborted: " : fate < 2 ? "killed: " : ""}${words.map((word) => word.replace(/.*\//, "")).join(" ")}`,
  );
  if (fate < 1) {
    machine.write("/etc/pacman.d/hooks/99z-abort.hook", abort);
    assert.is.not((await machine.pacman(...words)).status, 0, "the transaction was to be aborted");
    machine.remove("/etc/pacman.d/hooks/99z-abort.hook");
    return model;
  }
  const next = committed(model, installed, removed);
  if (fate >= 2) {
    await mustCommit(machine, words);
    return next;
  }
  const command = machine.start(["pacman", "--noconfirm", ...words], { timeout: 300 });
  const pacman = { isOver: false };
  const end = (): void => void (pacman.isOver = true);
  command.result.then(end, end);
  // At the latest among the hooks after the transaction, one of which is ours.
  await Promise.race([delay(random.below(2500)), command.waitFor(/Running post-transaction hooks/).catch(end)]);
  while (!pacman.isOver) {
    // Its name is node with one version and MainThread with another.
    if ((await machine.run(["pkill", "-KILL", "-f", "^[^ ]*node .*/dkms-alpm/"])).status !== 0) continue;
    kills += 1;
    break;
  }
  assert.is((await command.result).status, 0);
  // Any other transaction with modules finishes what was begun.
  const again = [...next.packages.values()].find(({ kind }) => kind === "module");
  if (again === undefined) return afterwards(machine, next);
  story.push(`again: ${again.name}`);
  await mustCommit(machine, ["-U", again.archive]);
  return committed(next, [again], []);
}

/** Where no module's package is left, a kernel's headers are what the next run reacts to. */
async function afterwards(machine: Machine, model: Model): Promise<Model> {
  const headers = all.find((offer): offer is Offer => offer.kind === "headers");
  if (headers === undefined) throw new Error("no headers are offered");
  await mustCommit(machine, ["-U", headers.archive]);
  return committed(model, [headers], []);
}

async function mustCommit(machine: Machine, words: readonly string[]): Promise<void> {
  const { status, output } = await machine.pacman(...words);
  assert.is(status, 0, output);
}

const abort = `[Trigger]
Operation = Install
Operation = Upgrade
Operation = Remove
Type = Package
Target = *

[Action]
When = PreTransaction
Exec = /bin/false
AbortOnFail
`;

/** `MODULE RELEASE VERSION` of everything that is installed; the tree, the files and depmod's index must agree. */
async function modulesOf(machine: Machine): Promise<readonly string[]> {
  const found = JSON.parse(await machine.need(["dkms", "status", "--json"])) as Status;
  const pairs = found.modules.flatMap(({ module, version, pairs: kernels }) =>
    kernels.map(({ kernel, state, fault }) => {
      assert.is(state, "installed", `${module}/${version} for ${kernel}`);
      assert.is(fault, null, `${module}/${version} for ${kernel}`);
      return `${module} ${kernel} ${version}`;
    }),
  );
  const files = machine.tree("/usr/lib/modules").filter((path) => /\/updates\/.*\.ko/.test(path));
  assert.equal(
    files.map((path) => path.replace(/^([^/]+)\/.*\/([^/]+)\.ko.*$/, "$2 $1")).toSorted(),
    pairs.map((pair) => pair.replace(/ [^ ]+$/, "")).toSorted(),
    "the files are those of the tree",
  );
  for (const path of files) {
    const [release = ""] = path.split("/");
    assert.match(machine.read(`/usr/lib/modules/${release}/modules.dep`), path.slice(release.length + 1));
  }
  return pairs.toSorted();
}

interface Status {
  readonly modules: readonly {
    readonly module: string;
    readonly version: string;
    readonly pairs: readonly { readonly kernel: string; readonly state: string; readonly fault: unknown }[];
  }[];
}

function sorted({ modules }: Model): readonly string[] {
  return [...modules].map(([key, version]) => `${key} ${version}`).toSorted();
}

test.run();
