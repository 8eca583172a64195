/** What a terminal shows below the lines of a run: a bar over all steps, and a line for each pair that is at work. It is drawn again and again. */
import { moduleText } from "../../model/pair.ts";
import type { Event } from "../../model/run/outcome.ts";
import type { Plan } from "../../model/run/plan.ts";
import { printable } from "../errors.ts";
import { phaseWords, type RunningBuild } from "./hook-lines.ts";
import { wholeDurationText } from "../names.ts";

/** How far a plan has come. */
export interface ProgressState {
  readonly total: number;
  readonly ended: number;
  readonly failed: number;
  /** Builds that have not ended. */
  readonly builds: number;
}

/** A pair at work, and how long that took the last time, in seconds. */
export interface ShownBuild extends RunningBuild {
  readonly last: number | undefined;
}

/** Where a plan stands before its first step. */
export function initialProgress({ steps }: Plan): ProgressState {
  const builds = steps.filter(({ step }) => step.kind === "build").length;
  return { total: steps.length, ended: 0, failed: 0, builds };
}

/** The state after an event. */
export function nextProgress(state: ProgressState, event: Event): ProgressState {
  if (event.kind !== "ended") return state;
  const { planned, ending } = event.outcome;
  return {
    ...state,
    ended: state.ended + 1,
    failed: state.failed + (ending.kind === "failed" ? 1 : 0),
    builds: state.builds - (planned.step.kind === "build" ? 1 : 0),
  };
}

/** The lines, none longer than the terminal; none when nothing is at work. */
export function progressLines(
  state: ProgressState,
  running: readonly ShownBuild[],
  columns: number,
): readonly string[] {
  if (running.length === 0 || columns < 2) return [];
  const names = running.map(({ pair }) => `${moduleText(pair.module)} ${pair.kernel.release}`);
  const width = Math.max(...names.map((name) => name.length));
  const lines = running.map((build, index) => ` ${(names[index] ?? "").padEnd(width)}  ${work(build)}`);
  return [bar(state, running, columns), ...lines].map((line) => cut(printable(line), columns - 1));
}

/** `[=======>            ] 3/9 steps, 1 failed, about 2 min left` */
function bar({ total, ended, failed, builds }: ProgressState, running: readonly ShownBuild[], columns: number): string {
  const share = Math.min(1, (ended + running.reduce((sum, build) => sum + partOf(build), 0)) / Math.max(1, total));
  // What has not begun takes its time as well, and nobody knows beside what.
  const isLast = builds <= running.length;
  const left = Math.max(
    0,
    ...(isLast ? running.map(({ last, seconds }) => (last === undefined ? 0 : last - seconds)) : []),
  );
  const words = [
    `${ended}/${total} steps`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(left < 1 ? [] : [`about ${wholeDurationText(left)} left`]),
  ].join(", ");
  const width = Math.min(40, columns - words.length - 5);
  if (width < 5) return words;
  const filled = Math.round(share * width);
  const tip = filled < width ? ">" : "";
  return `[${`${"=".repeat(filled)}${tip}`.padEnd(width)}] ${words}`;
}

/** How much of its step a build has done: by its files, or else by the time that it took before. */
function partOf({ compiled, files, seconds, last }: ShownBuild): number {
  if (files > 0 && compiled > 0) return Math.min(0.95, compiled / files);
  return last === undefined || last < 1 ? 0 : Math.min(0.95, seconds / last);
}

/** `compiling 37 of 112  41 s of about 2 min 40 s` */
function work(build: ShownBuild): string {
  const { seconds, last } = build;
  const estimate = last === undefined || last < 1 ? "" : ` of about ${wholeDurationText(last)}`;
  return `${phaseWords(build).padEnd(21)} ${wholeDurationText(seconds).padStart(5)}${estimate}`;
}

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}~`;
}
