/** What there is to say of the confs that a plan works with: doubtful values, deprecated directives, what the conf itself wrote to stderr. */
import { moduleText, pairKey } from "../../model/pair.ts";
import type { Plan, Step } from "../../model/run/plan.ts";
import type { Conf, World } from "../../model/machine/world.ts";
import { printable } from "../errors.ts";
import type { Line } from "./lines.ts";

/** The lines, each once however many kernels a module is built for. Only what is added, built or installed is looked at, as the reference does. */
export function confRemarks(
  world: World,
  plan: Plan,
  { deprecated }: { readonly deprecated: boolean } = { deprecated: true },
): readonly Line[] {
  const lines = new Set<string>();
  for (const { step } of plan.steps) {
    for (const conf of confsOf(world, step)) {
      for (const text of conf.stderr.split("\n")) if (text.trim() !== "") lines.add(text);
      for (const text of conf.warnings) lines.add(`dkms.conf: Warning! ${text} (${conf.path})`);
      if (deprecated) for (const text of conf.deprecated) lines.add(`Deprecated feature: ${text} (${conf.path})`);
    }
  }
  return [...lines].map((text) => ({ stream: "err", text: printable(text) }));
}

/** The valid confs that a step works with; a module that is added has been looked at for one kernel or several. */
function confsOf({ confs }: World, step: Step): readonly Extract<Conf, { kind: "valid" }>[] {
  switch (step.kind) {
    case "build":
    case "install": {
      const conf = confs.get(pairKey(step.pair));
      return conf?.kind === "valid" ? [conf] : [];
    }
    case "add": {
      const own = [...confs].filter(([key]) => key.startsWith(`${moduleText(step.module)}/`));
      return own.flatMap(([, conf]) => (conf.kind === "valid" ? [conf] : []));
    }
    default:
      return [];
  }
}
