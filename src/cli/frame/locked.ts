/** The frame of everything that changes the machine: one run at a time, and a signal ends it at the next safe point. */
import { takeTreeLock } from "../../act/tree-lock.ts";
import type { Layout } from "../../model/machine/layout.ts";
import { forgetRecent } from "../../observe/recent-answers.ts";
import { isRoot } from "../../system/environment.ts";
import { writeLine } from "../../system/output.ts";
import { watchSignals, type Interruption } from "../../system/process/signals.ts";

/** Does work while it holds the lock on the dkms tree; throws `locked`. */
export async function locked<T>(layout: Layout, work: (interruption: Interruption) => Promise<T>): Promise<T> {
  const lock = takeTreeLock(layout, (holder) => {
    writeLine("err", `Waiting for another run to finish with ${layout.dkmsTree}: ${holder} ...`);
    forgetRecent();
  });
  try {
    return await watched(work);
  } finally {
    lock.release();
  }
}

/** Does work that only reads the dkms tree. Root holds the lock meanwhile; others cannot open it, and the work must notice changes itself. Throws `locked`. */
export async function reading<T>(layout: Layout, work: (interruption: Interruption) => Promise<T>): Promise<T> {
  return isRoot() ? locked(layout, work) : watched(work);
}

async function watched<T>(work: (interruption: Interruption) => Promise<T>): Promise<T> {
  const interruption = watchSignals();
  try {
    return await work(interruption);
  } finally {
    interruption.release();
  }
}
