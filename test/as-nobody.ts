/** What an ordinary user sees. */

/** Does something with the rights of nobody; who is not root anyway keeps their own. */
export function asNobody<T>(act: () => T): T {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
