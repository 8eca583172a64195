/** Decides whether an initramfs image has to be written for modules that have changed, or whether the generator's own hook does it. */
import type { Hook } from "../../alpm/hook/hook.ts";
import { compareHookNames } from "../../alpm/hook/directories.ts";
import { stockHookWrites, type KnownTransaction } from "./stock-hooks.ts";
import { headersPackage, type Generator } from "../hookgen/names.ts";

/** The generator's own hook as it takes effect. */
export interface StockHook {
  /** File name: `90-mkinitcpio-install.hook`. */
  readonly name: string;
  /** Undefined when the file is a mask, or faulty. */
  readonly hook: Hook | undefined;
}

/** What is known when the hook of a kernel runs, after the transaction. */
export interface InitramfsQuestion extends KnownTransaction {
  readonly generator: Generator;
  /** Undefined when there is none. */
  readonly stock: StockHook | undefined;
  readonly releases: readonly KernelModules[];
}

/** A kernel, and the modules (`zfs/2.2.2`) that it ought to have and has not. */
interface KernelModules {
  readonly release: string;
  readonly missing: readonly string[];
}

/** What to do, and why in words. */
export type InitramfsDecision =
  | { readonly kind: "stock-hook-will"; readonly reason: string }
  | { readonly kind: "regenerate"; readonly releases: readonly string[]; readonly reason: string }
  /** A build has failed: the image that is there still has the old modules, and is kept if it is left to us. */
  | {
      readonly kind: "module-missing";
      readonly missing: readonly KernelModules[];
      /** `overwritten`: the generator's own hook writes an image without them, whatever we do. */
      readonly image: "kept" | "overwritten";
      readonly reason: string;
    }
  | { readonly kind: "not-concerned"; readonly reason: string };

/** The file name of the hook that a generator's package brings. */
export function stockHookName(generator: Generator): string {
  return `90-${generator}-install.hook`;
}

/** Decides on the image of one kernel. */
export function decideInitramfs(question: InitramfsQuestion): InitramfsDecision {
  const { generator, kernel, releases } = question;
  if (releases.length === 0) return { kind: "not-concerned", reason: `${kernel} is not installed` };
  const changes = changesInWords(question);
  if (changes === undefined) {
    return { kind: "not-concerned", reason: `no target concerns the modules of ${kernel}` };
  }
  const stock = stockReason(question);
  const missing = releases.filter((release) => release.missing.length > 0);
  if (missing.length > 0) {
    const modules = missing.map((one) => `${one.missing.join(", ")} for ${one.release}`).join("; ");
    const image = stock === undefined ? "kept" : "overwritten";
    const end =
      stock === undefined
        ? `the image of ${kernel} is left as it is`
        : `${stock}, and the new image of ${kernel} will lack them`;
    return { kind: "module-missing", missing, image, reason: `not installed: ${modules}; ${end}` };
  }
  if (stock !== undefined) return { kind: "stock-hook-will", reason: `${changes}; ${stock}` };
  const own = question.stock?.hook === undefined ? `${generator} has no hook of its own here` : undefined;
  const reason = own ?? `the hook of ${generator} does not write the image for that`;
  return { kind: "regenerate", releases: releases.map(({ release }) => release), reason: `${changes}; ${reason}` };
}

/** What has changed for this kernel; undefined when nothing has. */
function changesInWords({ kernel, targets, releases }: InitramfsQuestion): string | undefined {
  const { packages, sourceDirectories } = targets;
  const headers = releases.some(({ release }) => targets.parts.build.has(release)) && !packages.has(kernel);
  const changed = [
    ...(packages.has(kernel) ? [kernel] : []),
    ...(headers && !packages.has(headersPackage(kernel)) ? [`headers of ${kernel}`] : []),
    ...[...packages].filter((name) => name !== kernel),
    ...sourceDirectories,
    ...(releases.some(({ release }) => targets.parts.vmlinuz.has(release)) && !packages.has(kernel) ? [kernel] : []),
  ];
  return changed.length === 0 ? undefined : `changed: ${changed.join(", ")}`;
}

/** Why the generator's own hook writes this kernel's image in this transaction; undefined when it does not, or does so before modules are built. */
function stockReason(question: InitramfsQuestion): string | undefined {
  const { stock, generator } = question;
  if (stock?.hook === undefined || stock.hook.action.when !== "PostTransaction") return undefined;
  if (compareHookNames(stock.name, "70-dkms-install.hook") < 0) return undefined;
  return stockHookWrites(generator, stock.hook, question) ? `${stock.name} writes the image` : undefined;
}
