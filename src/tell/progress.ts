/** One line that tells how far a plan has come: for a terminal, where it is drawn again and again. */
import type { Event } from "../model/run/outcome.ts";
import { stepPair, type Plan } from "../model/run/plan.ts";
import { printable } from "./errors.ts";

/** What is being built since when, and how many builds there are. */
export interface ProgressState {
  readonly total: number;
  readonly ended: number;
  readonly failed: number;
  /** `zfs/2.2.2 6.6.1-arch1-1` to the time when it began, in milliseconds. */
  readonly building: ReadonlyMap<string, number>;
}

/** Where a plan stands before its first step. */
export function initialProgress(plan: Plan): ProgressState {
  const total = plan.steps.filter(({ step }) => step.kind === "build").length;
  return { total, ended: 0, failed: 0, building: new Map() };
}

/** The state after an event; `now` in milliseconds. */
export function nextProgress(state: ProgressState, event: Event, now: number): ProgressState {
  if (event.kind !== "begun" && event.kind !== "ended") return state;
  const { step } = event.kind === "begun" ? event.planned : event.outcome.planned;
  const pair = stepPair(step);
  if (step.kind !== "build" || pair === undefined) return state;
  const name = `${pair.module.name}/${pair.module.version} ${pair.kernel.release}`;
  const building = new Map(state.building);
  if (event.kind === "begun") {
    building.set(name, now);
    return { ...state, building };
  }
  building.delete(name);
  const isFailure = event.outcome.ending.kind !== "done" && event.outcome.ending.kind !== "unchanged";
  return { ...state, building, ended: state.ended + 1, failed: state.failed + (isFailure ? 1 : 0) };
}

/** The line, cut to a number of columns; empty when nothing is being built. */
export function progressLine(state: ProgressState, now: number, columns: number): string {
  if (state.building.size === 0) return "";
  const failed = state.failed === 0 ? "" : `, ${state.failed} failed`;
  const running = [...state.building].map(([name, began]) => `${name} ${Math.floor((now - began) / 1000)} s`);
  const line = printable(`[${state.ended}/${state.total}${failed}] building ${running.join(", ")}`);
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}~`;
}
