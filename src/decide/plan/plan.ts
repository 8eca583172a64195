/** The one planner: (World, Request) -> Plan. Pure. */
import type { Plan } from "../../model/run/plan.ts";
import type { Request } from "../../model/run/request.ts";
import type { World } from "../../model/machine/world.ts";
import { planCommand } from "./module-commands.ts";
import { planTransactionRemove } from "./removed-pairs.ts";
import { planClearKernel, planMatch, planRefreshIndex } from "./kernel-commands.ts";
import { planAutoinstall, planTransactionInstall } from "./install-plans.ts";

/** Decides what a request takes on this machine. */
export function decide(world: World, request: Request): Plan {
  switch (request.kind) {
    case "transaction-install":
      return planTransactionInstall(world, request.scope);
    case "transaction-remove":
      return planTransactionRemove(world, request.scope);
    case "autoinstall":
      return planAutoinstall(world, request.kernel);
    case "clear-kernel":
      return planClearKernel(world, request);
    case "refresh-index":
      return planRefreshIndex(world, request.indexed);
    case "match":
      return planMatch(world, request);
    case "add":
    case "build":
    case "install":
    case "uninstall":
    case "unbuild":
    case "remove":
      return planCommand(world, request);
  }
}
