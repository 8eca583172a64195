/** Words for the report of a transaction: what was installed and removed, what failed, and what the next boot will find. */
import type { ReportedKernel } from "../../model/boot/reported.ts";
import type { ReportedPair, TransactionReport } from "../../model/health/transaction-report.ts";
import { kernelFacts, kernelName } from "../boot.ts";
import { printable } from "../errors.ts";
import type { Line } from "../run/lines.ts";
import { userNames } from "../names.ts";

/** The lines; none when there was nothing to do and nothing is wrong. Those on stderr tell of what is wrong. */
export function reportLines(report: TransactionReport): readonly Line[] {
  const bad = report.pairs.filter(({ result }) => result === "failed" || result === "not-attempted");
  const kernels = report.boot?.kernels ?? [];
  const unready = kernels.filter(({ verdict }) => verdict === "not-ready");
  const isGood = bad.length + report.problems.length + unready.length === 0 && report.boot?.nothingLeft === undefined;
  if (isGood) return goodLines(report, kernels);
  const count = bad.length + report.problems.length;
  const lines: string[] = [];
  if (count > 0) lines.push(`==> ERROR: DKMS: ${countOf(count, "problem")} in this transaction.`);
  for (const { message, hint } of report.problems) lines.push(`  -> ${message}`, ...indented(hint));
  for (const pair of bad) lines.push(...badPair(pair));
  lines.push(...ownModules(report));
  for (const warning of report.warnings ?? []) lines.push(`==> WARNING: ${warning}`);
  for (const kernel of unready) lines.push(...unreadyKernel(kernel, bad));
  if (report.boot?.nothingLeft !== undefined) lines.push(`==> ERROR: DKMS: ${report.boot.nothingLeft}`);
  for (const kernel of kernels) {
    const facts = kernelFacts(withoutOwn(kernel, report));
    if (facts !== "") lines.push(`==> ${facts}.`);
    lines.push(...remarks(kernel));
  }
  return lines.map((text) => ({ stream: "err", text: printable(namesOf(report)(text)) }));
}

function namesOf({ pairs }: TransactionReport): (text: string) => string {
  return userNames(pairs.map(({ kernel, arch, pkgbase }) => ({ release: kernel, arch, pkgbase })));
}

function goodLines(report: TransactionReport, kernels: readonly ReportedKernel[]): readonly Line[] {
  const changed = report.pairs.filter(({ result }) => ["installed", "removed", "kept"].includes(result));
  const own = ownModules(report).map((text): Line => ({ stream: "out", text: printable(namesOf(report)(text)) }));
  if (changed.length === 0) return own;
  const isPlain = kernels.length === 1 && changed.every(({ result }) => result === "installed");
  const facts = kernels.map((kernel) => kernelFacts(withoutOwn(kernel, report))).filter((text) => text !== "");
  const counts = countsOf(report.pairs);
  // One kernel that only got modules: the fact itself says as much as the count.
  const lines = isPlain && facts.length === 1 ? facts : [counts, ...facts];
  return [
    ...own,
    ...lines.map((text): Line => ({ stream: "out", text: printable(`==> DKMS: ${text}.`) })),
    ...kernels.flatMap(remarks).map((text): Line => ({ stream: "out", text: printable(text) })),
  ];
}

/** Kernels that use a module of their own, and how to have ours. */
function ownModules({ pairs }: TransactionReport): readonly string[] {
  return pairs
    .filter(({ result }) => result === "kernel-has-module")
    .flatMap(({ message, hint }) => [`==> DKMS: ${message ?? ""}`, ...(hint === undefined ? [] : [`  -> ${hint}`])]);
}

/** Of a module of the kernel's own that has its line already, nothing more is said. */
function withoutOwn(kernel: ReportedKernel, { pairs }: TransactionReport): ReportedKernel {
  const told = new Set(
    pairs
      .filter((pair) => pair.result === "kernel-has-module" && pair.kernel === kernel.kernel)
      .map(({ module }) => module),
  );
  return { ...kernel, kernelsOwn: kernel.kernelsOwn.filter((name) => !told.has(name)) };
}

/** `3 modules installed for 2 kernels, 1 module removed from 1 kernel` */
function countsOf(pairs: readonly ReportedPair[]): string {
  const part = (result: ReportedPair["result"], words: string): readonly string[] => {
    const those = pairs.filter((pair) => pair.result === result);
    if (those.length === 0) return [];
    const modules = new Set(those.map(({ module }) => module)).size;
    const kernels = new Set(those.map(({ kernel, arch }) => `${kernel}/${arch}`)).size;
    return [`${countOf(modules, "module")} ${words} ${countOf(kernels, "kernel")}`];
  };
  return [
    ...part("installed", "installed for"),
    ...part("removed", "removed from"),
    ...part("kept", "of a former version kept for"),
  ].join(", ");
}

function badPair(pair: ReportedPair): readonly string[] {
  const name = `${pair.module}/${pair.version}`;
  return [
    `==> ${name} for ${kernelName(pair)}: ${pair.result === "failed" ? "NOT built or installed" : "not attempted"}`,
    ...indented(pair.message),
    ...(pair.excerpt ?? []).slice(0, 3).map((line) => `       ${line}`),
    ...(pair.log === undefined ? [] : [`     log:       ${pair.log}`]),
    `     installed: ${installedWords(pair)}`,
    ...(pair.hint === undefined ? [] : [`     hint:      ${pair.hint}`]),
    `     once that is fixed: dkms install ${name} -k ${pair.kernel}`,
  ];
}

function installedWords({ module, version, installedVersion }: ReportedPair): string {
  if (installedVersion === undefined) return `no version of ${module}`;
  return installedVersion === version ? `${module}/${version} from an earlier build` : `${module}/${installedVersion}`;
}

/** A kernel that is not ready; modules of which it was said above that they failed are only named. */
function unreadyKernel(kernel: ReportedKernel, bad: readonly ReportedPair[]): readonly string[] {
  const stops = kernel.problems.some(({ boot }) => boot);
  const failed = new Set(
    bad
      .filter((pair) => pair.kernel === kernel.kernel)
      .map(({ module, version }) => `dkms install ${module}/${version}`),
  );
  const head = stops ? "is not ready to boot" : "lacks modules";
  return [
    `==> ERROR: DKMS: ${kernelName(kernel)} ${head}.`,
    ...kernel.problems.flatMap(({ what, fix }) => [
      `  -> ${what}`,
      // Never the command that has just failed.
      ...(fix === undefined || [...failed].some((command) => `${fix} `.startsWith(`${command} `))
        ? []
        : [`     Fix: ${fix}`]),
    ]),
  ];
}

function remarks(kernel: ReportedKernel): readonly string[] {
  return kernel.remarks.map(({ what }) => `==> WARNING: ${kernelName(kernel)}: ${what}`);
}

function indented(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [`     ${text}`];
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
