/** Requests to `dkms-hookgen` and what they make of a hook directory. */
import { planHooks, type HookgenPlan, type HookgenRequest } from "../../../src/decide/hookgen/hookgen.ts";
import type { ExistingHook } from "../../../src/decide/hookgen/existing.ts";

type Write = Extract<HookgenRequest, { kind: "write" }>;
export type Remove = Extract<HookgenRequest, { kind: "remove" }>;

export function asking(modules: string, kernels: string, more: Partial<Write> = {}): Write {
  const names = { modules: modules.split(" "), kernels: kernels.split(" ") };
  return { kind: "write", generator: "mkinitcpio", style: undefined, force: false, ...names, ...more };
}

export function removing(modules: string, more: Partial<Remove> = {}): Remove {
  return { kind: "remove", generator: undefined, modules: modules.split(" "), kernels: [], force: false, ...more };
}

/** The hook directory after a plan was carried out. */
export function carriedOut(
  existing: readonly ExistingHook[],
  { writes, removals }: HookgenPlan,
): readonly ExistingHook[] {
  const removed = new Set([...removals, ...writes.map(({ name }) => name)]);
  return [...existing.filter(({ name }) => !removed.has(name)), ...writes].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

export function after(
  existing: readonly ExistingHook[],
  ...requests: readonly HookgenRequest[]
): readonly ExistingHook[] {
  let files = existing;
  for (const request of requests) files = carriedOut(files, planHooks(request, files));
  return files;
}

export const linuxHook = "90-mkinitcpio-dkms-linux.hook";
export const fresh = after([], asking("zfs-dkms", "linux"))[0]?.text ?? "";
