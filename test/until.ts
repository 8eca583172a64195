/** Waiting in tests: for as long as it takes, as a slow machine is no failure. */

/** Waits until something holds; what never will is an error after a quarter of an hour. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > 900_000) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
