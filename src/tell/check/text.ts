/** Words for the answer of `dkms check`. */
import { lossWords, type CheckAnswer, type CheckedKernel, type CheckedModule } from "../../model/check/check.ts";
import { list } from "../../model/boot/words.ts";
import { kernelFacts, kernelName } from "../boot.ts";
import { printable } from "../errors.ts";
import { guardFindingLines } from "../guard.ts";
import type { Line } from "../run/lines.ts";

/** The whole answer: what is wrong, each kernel, what that means, what to do. */
export function checkLines(answer: CheckAnswer): readonly Line[] {
  const lines = [
    ...answer.findings.toSorted((a, b) => Number(b.effect === "refuses") - Number(a.effect === "refuses")),
  ].flatMap((finding): Line[] => guardFindingLines(finding).map((text) => ({ stream: "err", text })));
  return [
    ...lines,
    ...answer.doubts.map((doubt): Line => ({ stream: "err", text: `==> WARNING: ${doubt}` })),
    ...answer.kernels.flatMap(kernelLines),
    ...bootLines(answer),
    ...conclusion(answer),
  ].map(({ stream, text }) => ({ stream, text: printable(text) }));
}

function kernelLines(kernel: CheckedKernel): readonly Line[] {
  const by = (result: CheckedModule["result"]): readonly string[] =>
    kernel.modules.filter((module) => module.result === result).map(({ module, version }) => `${module}/${version}`);
  const rows = [
    ["builds", by("builds")],
    ["does not build", by("fails")],
    ["is not meant for it", by("skipped")],
    ["not known", by("unknown")],
  ] as const;
  const name = `${kernelName({ kernel: kernel.kernel, ...(kernel.pkgbase === undefined ? {} : { pkgbase: kernel.pkgbase }) })}`;
  return [
    { stream: "out", text: `==> ${name}${kernel.incoming ? " (incoming)" : ""}` },
    ...(kernel.headers ? [] : [{ stream: "out", text: detail(headerWords(kernel)) } as const]),
    ...rows.flatMap(([words, modules]): Line[] =>
      modules.length === 0 ? [] : [{ stream: "out", text: detail(`${words}: ${modules.join(", ")}`) }],
    ),
  ];
}

function headerWords({ incoming }: CheckedKernel): string {
  return incoming
    ? "its headers are not there yet: no module builds"
    : "it will have no headers: what is installed stays, and nothing can be built";
}

/** What is said of an incoming kernel already is not said once more. */
function bootLines({ boot, kernels: tested }: CheckAnswer): readonly Line[] {
  if (boot === undefined) return [];
  const staying = boot.kernels.filter(({ kernel }) => !tested.some((one) => one.kernel === kernel && one.incoming));
  const kernels = staying.flatMap((kernel): Line[] => {
    const name = kernelName(kernel);
    const stopping = kernel.problems.filter((problem) => problem.boot);
    if (stopping.length > 0) {
      return stopping.map(({ what }) => ({ stream: "err", text: `==> ERROR: ${name} is not ready to boot. ${what}` }));
    }
    const facts = kernelFacts(kernel);
    return facts === "" ? [] : [{ stream: "out", text: `==> ${facts}.` }];
  });
  const nothing: Line[] =
    boot.nothingLeft === undefined ? [] : [{ stream: "err", text: `==> ERROR: After that: ${boot.nothingLeft}` }];
  return [...kernels, ...nothing];
}

function conclusion(answer: CheckAnswer): readonly Line[] {
  const { verdict, refused, subject } = answer;
  const what = subject === "machine" ? "The machine" : subject === "module" ? "The module" : "The upgrade";
  switch (verdict) {
    case "nothing":
      return [{ stream: "out", text: nothingWords(answer) }];
    case "fine":
      return [
        {
          stream: "out",
          text: `==> ${what} ${fineWords[subject]}.`,
        },
      ];
    case "unknown":
      return [
        {
          stream: "err",
          text: `==> WARNING: It is not known whether ${what.toLowerCase()} is ${subject === "machine" ? "ready for its next boot" : "fine"}.`,
        },
      ];
    case "breaks":
      return [
        { stream: "err", text: `==> ERROR: ${breakWords(answer, what)}` },
        ...(refused && subject !== "module"
          ? [{ stream: "err", text: detail("dkms-guard would refuse it.") } as const]
          : []),
        ...wayOut(answer).map((text): Line => ({ stream: "err", text: detail(text) })),
      ];
  }
}

const fineWords: Readonly<Record<CheckAnswer["subject"], string>> = {
  upgrade: "is fine",
  packages: "is fine",
  machine: "is ready for its next boot",
  module: "builds for every kernel that it is meant for",
};

function nothingWords({ packages, subject }: CheckAnswer): string {
  if (subject === "machine") return "There is nothing to check: no module is installed.";
  if (subject === "module") return "There is nothing to check: the module is meant for no kernel of this machine.";
  return packages.length === 0
    ? "There is nothing to check: no package that would be upgraded concerns a module."
    : "There is nothing to check: no module of this machine is built for what the upgrade brings.";
}

function breakWords(answer: CheckAnswer, what: string): string {
  const { subject, kernels } = answer;
  if (subject === "machine") return "This machine is not ready for its next boot.";
  if (subject === "module") {
    const failing = kernels.filter(({ modules }) => modules.some(({ result }) => result === "fails"));
    return `The module does not build for ${list(failing.map(({ kernel }) => kernel))}.`;
  }
  const loss = lossWords(answer);
  return `${what} would break something${loss === "" ? "" : `: ${loss}`}.`;
}

function wayOut({ ignore, newer, kernels, subject }: CheckAnswer): readonly string[] {
  if (subject === "machine") return ["See: dkms doctor"];
  if (subject === "module") return [];
  const names = newer.map(({ repository, name, version }) => `${name} ${version} (pacman -S ${repository}/${name})`);
  return [
    ...(names.length === 0 ? [] : [`A repository has a newer version, which may build: ${names.join(", ")}`]),
    ...(ignore.length === 0 || subject !== "upgrade"
      ? []
      : [`To upgrade everything else: pacman -Syu --ignore ${ignore.join(",")}`]),
    ...(kernels.some(({ headers, incoming }) => !headers && incoming)
      ? ["Or wait until its headers are in the repository, or install them with the kernel."]
      : kernels.some(({ headers }) => !headers)
        ? ["Or upgrade the kernel and its headers to one release, in one transaction."]
        : names.length === 0
          ? ["Or wait for a version of the module that builds: the repositories have none that is newer."]
          : []),
  ];
}

const detail = (text: string): string => `  -> ${text}`;
