/** Rounds that are kept in a file, so that a row which takes hours can be measured in parts. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What one command took in one round, in milliseconds; `cpu` with all that it has started. */
export interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

/** What each command took in one round, by the names that `measure` gives them. */
export type Round = Readonly<Record<string, Taken>>;

/** Where rounds are kept. */
export interface Keeper {
  readonly earlier: readonly Round[];
  /** Keeps one more; its caller has looked whether it is worth something. */
  readonly keep: (round: Round) => void;
}

/**
 * Opens the file, which need not exist. `conditions`: all that figures depend on: machine, program, what is built. Throws when the file has rounds of other
 * conditions: their median would say nothing.
 */
export function keptRounds(file: string, conditions: Readonly<Record<string, string | number>>): Keeper {
  const rounds: Round[] = [];
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, "utf8")) as { conditions: object; rounds: Round[] };
    const [then, now] = [kept.conditions, conditions].map((one) => JSON.stringify(one));
    if (then !== now) {
      throw new Error(
        `${file} has rounds of another program or machine: ${then}, now ${now}. Remove it to begin anew.`,
      );
    }
    rounds.push(...kept.rounds);
  }
  return {
    earlier: [...rounds],
    keep: (round) => {
      rounds.push(round);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, `${JSON.stringify({ conditions, rounds }, undefined, 2)}\n`);
      renameSync(`${file}.new`, file);
    },
  };
}
