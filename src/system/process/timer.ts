/** Time limits. */

/** The longest time of setTimeout, in milliseconds: for a longer one it calls back at once. */
const longest = 2 ** 31 - 1;

/** Calls back after so many seconds, or after 24 days. */
export function afterSeconds(seconds: number, callBack: () => void): NodeJS.Timeout {
  return setTimeout(callBack, Math.min(seconds * 1000, longest));
}
