/** Reads the world with every module for every kernel, for those who judge the machine as a whole. */
import type { Request } from "../model/run/request.ts";
import type { World } from "../model/machine/world.ts";
import { listDirectory } from "../system/files/files.ts";
import type { ObserveContext } from "./context.ts";
import { readWorld } from "./world.ts";

/** The world as a transaction would see it that touches every kernel: confs of all modules are evaluated for all kernels, unregistered sources count. */
export function readWholeWorld(context: ObserveContext): Promise<World> {
  const releases = new Set(listDirectory(context.layout.installTree));
  const request: Request = { kind: "transaction-install", scope: { releases, sourceDirectories: new Set() } };
  return readWorld(request, context);
}
