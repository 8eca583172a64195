/** One pool of job slots for a whole plan: all makes share it by GNU make's jobserver protocol (GNU make manual, "POSIX Jobserver"). */
import { DkmsError } from "../../model/errors.ts";
import { openJobPipe, type JobPipe } from "../../system/process/job-pipe.ts";

/** How many slots a command takes: `all` for one whose number of jobs is its own affair. */
export type Share = "one" | "all";

/** Slots that a command holds. */
interface Slots {
  /** Gives them back; after `killed` the pool counts again, as a killed make keeps the tokens that it has taken. */
  release(ending: "ended" | "killed"): void;
}

/** The pool. Commands hold their own slots from `take` to `release`; makes take more through `descriptors` while they run. */
export interface JobPool {
  /** Number of slots; 0 stands for no limit. */
  readonly size: number;
  /** For a member make: its ends of the pipe; undefined without a limit. */
  readonly descriptors: readonly [read: number, write: number] | undefined;
  /** Waits for slots, first come, first served; throws `interrupted`. */
  take(share: Share, signal: AbortSignal): Promise<Slots>;
  close(): void;
}

/** How a pool learns that memory runs out, and says that it does. */
export interface MemoryWatch {
  /** Bytes that are free; undefined where nobody knows. */
  available(): number | undefined;
  /** Called once, when slots are held back for the first time. */
  short(bytes: number): void;
}

/**
 * Makes a pool of `size` slots; 0 for no limit at all, as `-j 0` means. `place` is a directory in which a file may lie for a moment; with `memory`, slots
 * that nobody uses are held back while little is free.
 */
export function openJobPool(size: number, place?: string, memory?: MemoryWatch): JobPool {
  if (size === 0) {
    const free: Slots = { release: () => undefined };
    return { size, descriptors: undefined, take: () => Promise.resolve(free), close: () => undefined };
  }
  const pipe = openJobPipe(place);
  pipe.put(size);
  return limitedPool(size, pipe, memory);
}

/** What one compiler of a big module takes at its worst, in bytes. */
const memoryPerJob = 512 * 1024 * 1024;

/** How many slots a machine is good for: its processors, fewer when memory (in bytes) is short, at least one. */
export function poolSize(processors: number, memory: number | undefined): number {
  const affordable = memory === undefined ? processors : Math.floor(memory / memoryPerJob);
  return Math.max(1, Math.min(processors, affordable));
}

/** How often to look for a slot that a make has given back, in milliseconds: makes wait in the kernel, we are the only one who looks. */
const interval = 25;
/** How often to look at the memory, in milliseconds: a linker takes longer to fill it. */
const memoryInterval = 500;

function limitedPool(size: number, pipe: JobPipe, memory: MemoryWatch | undefined): JobPool {
  let held = 0;
  let heldBack = 0;
  let isTold = false;
  let commands = 0;
  let counted: "right" | "doubtful" = "right";
  let queue: Promise<unknown> = Promise.resolve();

  /** When no command runs, every slot that we do not hold ourselves has to be in the pipe; what the next one needs is not held back. */
  const recount = (needed: number): void => {
    pipe.drain();
    heldBack = Math.min(heldBack, size - held - needed);
    pipe.put(size - held - heldBack);
    counted = "right";
  };

  /** What runs, runs: only slots that are free are held back, and one that runs alone is never kept from ending. */
  const heedMemory = (): void => {
    const free = commands === 0 ? undefined : memory?.available();
    if (free === undefined) return;
    if (free < memoryPerJob) {
      heldBack += pipe.takeUpTo(size);
      if (heldBack > 0 && !isTold) memory?.short(free);
      isTold ||= heldBack > 0;
    } else if (heldBack > 0 && free >= 2 * memoryPerJob) {
      heldBack -= 1;
      pipe.put(1);
    }
  };
  const timer = memory === undefined ? undefined : setInterval(heedMemory, memoryInterval).unref();

  let wake = (): void => undefined;
  /** Until a command of ours gives slots back, or it is time to look for those of makes. */
  const wait = async (): Promise<void> => {
    await new Promise<void>((fulfil) => {
      const look = setTimeout(fulfil, interval);
      wake = () => {
        clearTimeout(look);
        fulfil();
      };
    });
  };

  const collect = async (wanted: number, signal: AbortSignal): Promise<Slots> => {
    let collected = 0;
    const giveBack = (): void => {
      held -= collected;
      pipe.put(collected);
    };
    for (;;) {
      if (signal.aborted) {
        giveBack();
        throw new DkmsError("interrupted", "Interrupted.");
      }
      if (commands === 0) recount(wanted - collected);
      const found = counted === "right" ? pipe.takeUpTo(wanted - collected) : 0;
      collected += found;
      held += found;
      if (collected === wanted) break;
      await wait();
    }
    commands += 1;
    let state: "held" | "released" = "held";
    return {
      release: (ending) => {
        if (state === "released") return;
        state = "released";
        commands -= 1;
        giveBack();
        // Which tokens a killed make had is known only when no other one runs: until then nobody new begins.
        if (ending === "killed") counted = "doubtful";
        if (commands === 0) recount(1);
        wake();
      },
    };
  };

  return {
    size,
    descriptors: pipe.members,
    take: (share, signal) => {
      const turn = queue.then(() => collect(share === "one" ? 1 : size, signal));
      queue = turn.catch(() => undefined);
      return turn;
    },
    close: () => {
      clearInterval(timer);
      pipe.close();
    },
  };
}
