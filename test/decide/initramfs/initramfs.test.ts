import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Hook, Trigger } from "../../../src/alpm/hook/hook.ts";
import { parseTargets } from "../../../src/alpm/targets.ts";
import type { Generator } from "../../../src/decide/hookgen/names.ts";
import {
  decideInitramfs,
  stockHookName,
  type InitramfsDecision,
  type StockHook,
} from "../../../src/decide/initramfs/initramfs.ts";

const all = ["Install", "Upgrade", "Remove"] as const;
const arrival = ["Install", "Upgrade"] as const;

function stockHook(generator: Generator, ...triggers: readonly Trigger[]): StockHook {
  const action = {
    when: "PostTransaction",
    exec: `/usr/share/libalpm/scripts/${generator}-install`,
    depends: [],
    abortOnFail: false,
    needsTargets: true,
  } as const;
  return { name: stockHookName(generator), hook: { triggers, action } };
}

function path(operations: Trigger["operations"], ...targets: readonly string[]): Trigger {
  return { operations, type: "Path", targets };
}

const vmlinuz = path(arrival, "usr/lib/modules/*/vmlinuz");
const firmware = ["usr/lib/initcpio/*", "usr/lib/firmware/*"];
const mkinitcpioPackage: Trigger = { operations: arrival, type: "Package", targets: ["mkinitcpio", "mkinitcpio-git"] };

const stocks = {
  mkinitcpio41: stockHook("mkinitcpio", path(all, ...firmware, "usr/src/*/dkms.conf"), vmlinuz, mkinitcpioPackage),
  mkinitcpio36: stockHook("mkinitcpio", path(all, ...firmware), vmlinuz, mkinitcpioPackage),
  dracut: stockHook("dracut", path(arrival, "usr/lib/modules/*/pkgbase", "usr/lib/dracut/*", "usr/src/*/dkms.conf")),
  booster: stockHook("booster", path(arrival, "usr/lib/modules/*/vmlinuz", "usr/lib/booster/*", "usr/bin/booster")),
} as const satisfies Record<string, StockHook>;

/** Changes of a stock hook that a person may have made. */
function withAction(stock: StockHook, action: Partial<Hook["action"]>): StockHook {
  return stock.hook === undefined
    ? stock
    : { ...stock, hook: { ...stock.hook, action: { ...stock.hook.action, ...action } } };
}

interface Row {
  readonly what: string;
  readonly generator?: Generator;
  readonly stock: StockHook | undefined;
  readonly targets: string;
  readonly releases?: readonly string[];
  readonly missing?: readonly string[];
  /** What else the transaction has brought: packages, and the paths of all packages. */
  readonly arrivals?: string;
  readonly expected: InitramfsDecision["kind"] | "module-missing, kept" | "module-missing, overwritten";
}

const headers = "linux-headers usr/lib/modules/6.6.1/build/include/";
const zfs = "zfs-dkms usr/src/zfs-2.2.2/dkms.conf";
const rows: readonly Row[] = [
  { what: "module alone", stock: stocks.mkinitcpio41, targets: zfs, expected: "stock-hook-will" },
  {
    what: "module alone, by its package only",
    stock: stocks.mkinitcpio41,
    targets: "zfs-dkms",
    expected: "stock-hook-will",
  },
  {
    what: "module under another name",
    stock: stocks.mkinitcpio41,
    targets: "usr/src/zfs-2/dkms.conf",
    expected: "stock-hook-will",
  },
  { what: "module without dkms.conf", stock: stocks.mkinitcpio41, targets: "zfs-utils", expected: "regenerate" },
  { what: "module alone", stock: stocks.mkinitcpio36, targets: zfs, expected: "regenerate" },
  { what: "module alone", stock: stocks.dracut, generator: "dracut", targets: zfs, expected: "regenerate" },
  { what: "module alone", stock: stocks.booster, generator: "booster", targets: zfs, expected: "regenerate" },
  { what: "headers alone", stock: stocks.mkinitcpio41, targets: "linux-headers", expected: "regenerate" },
  {
    what: "headers and firmware",
    stock: stocks.mkinitcpio41,
    targets: headers,
    arrivals: "usr/ usr/lib/firmware/ usr/lib/firmware/a.bin",
    expected: "stock-hook-will",
  },
  {
    what: "headers and mkinitcpio itself",
    stock: stocks.mkinitcpio36,
    targets: headers,
    arrivals: "mkinitcpio usr/bin/mkinitcpio",
    expected: "stock-hook-will",
  },
  {
    what: "headers and what nobody waits for",
    stock: stocks.mkinitcpio41,
    targets: headers,
    arrivals: "vim usr/bin/vim usr/lib/modules/6.6.1/build/include/",
    expected: "regenerate",
  },
  {
    what: "headers and another kernel",
    stock: stocks.mkinitcpio41,
    targets: headers,
    arrivals: "linux-lts usr/lib/modules/6.1.9-lts/vmlinuz",
    expected: "regenerate",
  },
  {
    what: "headers and firmware, which the stock hook does not write for",
    stock: stockHook("dracut", path(arrival, "usr/lib/modules/*/pkgbase", "usr/lib/firmware/*")),
    generator: "dracut",
    targets: headers,
    arrivals: "usr/lib/firmware/a.bin",
    expected: "regenerate",
  },
  {
    what: "headers and firmware, which the stock hook leaves out",
    stock: stockHook("mkinitcpio", path(arrival, "usr/lib/firmware/*", "!usr/lib/firmware/a*")),
    targets: headers,
    arrivals: "usr/lib/firmware/a.bin",
    expected: "regenerate",
  },
  {
    what: "headers alone",
    stock: stocks.dracut,
    generator: "dracut",
    targets: "linux-headers",
    expected: "regenerate",
  },
  {
    what: "headers alone, by path",
    stock: stocks.booster,
    generator: "booster",
    targets: "usr/lib/modules/6.6.1/build/include/",
    expected: "regenerate",
  },
  {
    what: "headers and a module",
    stock: stocks.mkinitcpio41,
    targets: `linux-headers ${zfs}`,
    expected: "stock-hook-will",
  },
  {
    what: "kernel and headers",
    stock: stocks.mkinitcpio41,
    targets: "linux linux-headers",
    expected: "stock-hook-will",
  },
  {
    what: "kernel and headers",
    stock: stocks.mkinitcpio36,
    targets: "linux linux-headers",
    expected: "stock-hook-will",
  },
  {
    what: "kernel by its image",
    stock: stocks.mkinitcpio36,
    targets: "usr/lib/modules/6.6.1/vmlinuz",
    expected: "stock-hook-will",
  },
  {
    what: "kernel and a module",
    stock: stocks.dracut,
    generator: "dracut",
    targets: `linux ${zfs}`,
    expected: "stock-hook-will",
  },
  {
    what: "kernel and a module",
    stock: stocks.booster,
    generator: "booster",
    targets: `linux ${zfs}`,
    expected: "stock-hook-will",
  },
  { what: "no hook of its own", stock: undefined, targets: `linux ${zfs}`, expected: "regenerate" },
  {
    what: "its hook is masked",
    stock: { ...stocks.mkinitcpio41, hook: undefined },
    targets: `linux ${zfs}`,
    expected: "regenerate",
  },
  {
    what: "its hook runs before modules are built",
    stock: { ...stocks.mkinitcpio41, name: "60-early.hook" },
    targets: zfs,
    expected: "regenerate",
  },
  {
    what: "its hook runs before the transaction",
    stock: withAction(stocks.mkinitcpio41, { when: "PreTransaction" }),
    targets: zfs,
    expected: "regenerate",
  },
  {
    what: "its hook leaves removals out",
    stock: stockHook("mkinitcpio", path(arrival, "usr/src/*/dkms.conf")),
    targets: "usr/src/zfs-2.2.2/dkms.conf",
    expected: "regenerate",
  },
  {
    what: "its hook leaves this module out",
    stock: stockHook("mkinitcpio", path(all, "usr/src/*/dkms.conf", "!usr/src/zfs-*")),
    targets: "usr/src/zfs-2.2.2/dkms.conf",
    expected: "regenerate",
  },
  {
    what: "the kernel was removed",
    stock: stocks.mkinitcpio41,
    targets: "linux linux-headers",
    releases: [],
    expected: "not-concerned",
  },
  { what: "no target", stock: stocks.mkinitcpio41, targets: "", expected: "not-concerned" },
  {
    what: "another kernel's image",
    stock: stocks.mkinitcpio41,
    targets: "usr/lib/modules/6.1.9-lts/vmlinuz",
    expected: "not-concerned",
  },
  {
    what: "build failed, kernel new",
    stock: stocks.mkinitcpio41,
    targets: `linux ${zfs}`,
    missing: ["zfs/2.2.2"],
    expected: "module-missing, overwritten",
  },
  {
    what: "build failed, module alone",
    stock: stocks.mkinitcpio41,
    targets: zfs,
    missing: ["zfs/2.2.2"],
    expected: "module-missing, overwritten",
  },
  {
    what: "build failed, headers alone",
    stock: stocks.mkinitcpio41,
    targets: "linux-headers",
    missing: ["zfs/2.2.2"],
    expected: "module-missing, kept",
  },
  {
    what: "build failed, module alone",
    stock: stocks.dracut,
    generator: "dracut",
    targets: zfs,
    missing: ["zfs/2.2.2"],
    expected: "module-missing, kept",
  },
  {
    what: "build failed, kernel new",
    stock: stocks.dracut,
    generator: "dracut",
    targets: "linux",
    missing: ["zfs/2.2.2"],
    expected: "module-missing, overwritten",
  },
  {
    what: "two releases of one kernel",
    stock: stocks.dracut,
    generator: "dracut",
    targets: zfs,
    releases: ["6.6.1", "6.6.2"],
    expected: "regenerate",
  },
];

for (const row of rows) {
  const {
    what,
    generator = "mkinitcpio",
    stock,
    targets,
    releases = ["6.6.1"],
    missing = [],
    arrivals = "",
    expected,
  } = row;
  test(`${generator}: ${what} (${targets}): ${expected}`, () => {
    const decision = decideInitramfs({
      generator,
      kernel: "linux",
      stock,
      targets: parseTargets(targets.replaceAll(" ", "\n")),
      confOwners: new Set(["zfs-dkms"]),
      arrivals: {
        packages: new Set(arrivals.split(" ").filter((word) => !word.includes("/"))),
        paths: arrivals.split(" ").filter((word) => word.includes("/")),
      },
      releases: releases.map((release) => ({ release, missing })),
    });
    const image = decision.kind === "module-missing" ? `, ${decision.image}` : "";
    assert.is(`${decision.kind}${image}`, expected);
    assert.ok(decision.reason.length > 10);
    if (decision.kind === "regenerate") assert.equal(decision.releases, releases);
    if (decision.kind === "module-missing") assert.match(decision.reason, "zfs/2.2.2 for 6.6.1");
  });
}

test.run();
