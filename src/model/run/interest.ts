/** Which pairs a request may concern: those whose confs have to be evaluated before it can be decided on. */
import type { KernelId, ModuleId, Pair } from "../pair.ts";
import { pairKey, sameKernel, sameModule } from "../pair.ts";
import type { Request } from "./request.ts";
import type { Module, World } from "../machine/world.ts";

/** What is known of the machine before any conf has been evaluated. */
export type Outline = Pick<World, "running" | "kernels" | "modules" | "pending">;

/** The pairs that a request may concern, each once. */
export function interestingPairs(outline: Outline, request: Request): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  const add = (module: ModuleId, kernel: KernelId): void => {
    const pair: Pair = { module, kernel: { release: kernel.release, arch: kernel.arch } };
    pairs.set(pairKey(pair), pair);
  };
  switch (request.kind) {
    case "add":
      add(request.module, outline.running);
      break;
    case "build":
    case "install":
    case "uninstall":
    case "unbuild":
    case "remove":
      for (const kernel of chosenKernels(outline, request)) {
        add(request.module, kernel);
        if (request.kind === "install") addBuilt(outline, kernel, add);
      }
      break;
    case "autoinstall":
      for (const module of outline.modules) if (module.sourcePresent) add(module.id, request.kernel);
      break;
    case "refresh-index":
      break;
    case "clear-kernel":
      addBuilt(outline, request.kernel, add);
      break;
    case "match":
      for (const module of outline.modules) if (module.sourcePresent) add(module.id, request.kernel);
      break;
    case "transaction-install": {
      // What depends on a module in scope, or is needed by it, is decided on as well.
      const modules = outline.modules.filter(({ sourcePresent }) => sourcePresent);
      const concerned = outline.kernels.filter((kernel) =>
        modules.some((module) => inScope(outline, request.scope, module, kernel)),
      );
      for (const kernel of concerned) for (const module of modules) add(module.id, kernel);
      break;
    }
    case "transaction-remove":
      for (const module of outline.modules) {
        if (!module.sourcePresent) continue;
        for (const kernel of outline.kernels)
          if (inScope(outline, request.scope, module, kernel)) add(module.id, kernel);
      }
      break;
  }
  return [...pairs.values()];
}

/** Whatever is built for a kernel may have to be built again with what is installed there. */
function addBuilt(outline: Outline, kernel: KernelId, add: (module: ModuleId, kernel: KernelId) => void): void {
  for (const module of outline.modules) {
    if (!module.sourcePresent) continue;
    for (const { pair } of module.pairs) if (sameKernel(pair.kernel, kernel)) add(module.id, kernel);
  }
}

/** The kernels of a command line: those named, or with `--all` every one that it makes sense for. */
export function chosenKernels(
  outline: Pick<Outline, "kernels" | "modules">,
  request: Extract<Request, { kernels: unknown }>,
): readonly KernelId[] {
  if (request.kernels.kind === "these") return request.kernels.kernels;
  const module = outline.modules.find(({ id }) => sameModule(id, request.module));
  const built = module?.pairs.map((state) => state.pair.kernel) ?? [];
  if (request.kind !== "build" && request.kind !== "install") return built;
  return outline.kernels.filter((kernel) => kernel.headers !== undefined && kernel.modules !== "absent");
}

/** Whether a transaction's scope, or the journal of an earlier one, names a pair. */
export function inScope(
  outline: Pick<Outline, "pending">,
  scope: Extract<Request, { scope: unknown }>["scope"],
  module: Module,
  kernel: KernelId,
): boolean {
  const directory = module.source.slice(module.source.lastIndexOf("/") + 1);
  return (
    scope.releases.has(kernel.release) ||
    scope.sourceDirectories.has(directory) ||
    outline.pending.has(pairKey({ module: module.id, kernel }))
  );
}
