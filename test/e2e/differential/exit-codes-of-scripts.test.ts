/** The exit codes that scripts of a module and signals decide. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Machine } from "../machine.ts";
import { kernels } from "./cast.ts";
import { madeUpKernels } from "./made-up-kernels.ts";
import { madeUpModules } from "./made-up-modules.ts";
import { leaving, plainWith, type Row, testRows } from "./rows.ts";
import { createTwins, running } from "./twins.ts";
import { until } from "../../until.ts";

const built = `plain/1.0, ${running}, x86_64: built`;

const rows: readonly Row[] = [
  {
    title: "exit 101: PRE_INSTALL fails",
    sources: plainWith("PRE_INSTALL=fails.sh\n", { "fails.sh": leaving(3) }),
    run: "dkms install plain/1.0",
    exit: 101,
    status: [built],
  },
  {
    title: "exit 42: PRE_BUILD left with it",
    sources: plainWith("PRE_BUILD=fails.sh\n", { "fails.sh": leaving(42) }),
    run: "dkms build plain/1.0",
    exit: 42,
    reference: { exit: 0, status: [built], because: "3.0.10 goes on after it" },
    status: ["plain/1.0: added"],
  },
  {
    title: "exit 43: POST_BUILD left with it, and the module is built",
    sources: plainWith("POST_BUILD=fails.sh\n", { "fails.sh": leaving(43) }),
    run: "dkms build plain/1.0",
    exit: 43,
    reference: { exit: 0, because: "3.0.10 goes on after it" },
    status: [built],
  },
  {
    title: "exit 44: POST_ADD left with it",
    sources: plainWith("POST_ADD=fails.sh\n", { "fails.sh": leaving(44) }),
    run: "dkms add plain/1.0",
    exit: 44,
    status: ["plain/1.0: added"],
  },
];

const twins = await createTwins();
testRows(twins, rows);

for (const [signal, exit] of [
  ["INT", 130],
  ["TERM", 143],
] as const) {
  test(`exit ${exit}: SIG${signal} while make runs`, async () => {
    const { ours } = twins;
    await twins.reset([await madeUpKernels(kernels), await madeUpModules(plainWith('MAKE="sleep 31"\n'))]);
    const command = ours.start(["dkms", "build", "plain/1.0"], { timeout: 60 });
    await untilThere(ours, "^sleep 31$");
    await ours.need(["pkill", `-${signal}`, "-f", "node .*dkms build plain/1.0"]);
    assert.is((await command.result).status, exit);
    assert.is((await ours.run(["pgrep", "-f", "^sleep 31$"])).stdout, "", "the build goes on without us");
    assert.is((await ours.need(["dkms", "status"])).trim(), "plain/1.0: added");
  });
}

/** Waits for a process whose command line matches. */
async function untilThere(machine: Machine, pattern: string): Promise<void> {
  await until(`a process ${pattern}`, async () => (await machine.run(["pgrep", "-f", pattern])).status === 0);
}

test.after(() => twins.dispose());

test.run();
