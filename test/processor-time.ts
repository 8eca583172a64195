/** Time on processors, for tests that judge speed: what else the machine does meanwhile takes nothing away from it and adds next to nothing. */
import { readFileSync } from "node:fs";

/** Milliseconds that this process has used so far, programs included that it has started and waited for. */
export function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  // proc_pid_stat(5): after the name in parentheses, the 14th and 15th field are cutime and cstime, in hundredths of a second.
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (user + system) / 1000 + (Number(fields[13]) + Number(fields[14])) * 10;
}

/** How many times the processor time of some work other work takes: the same on a slow machine as on a fast one. */
export function growthOf(few: () => void, many: () => void): number {
  return leastOf(many) / leastOf(few);
}

/** The shortest of several times: whatever disturbs a measurement makes it longer. */
function leastOf(work: () => void): number {
  const times = Array.from({ length: 6 }, () => {
    const { user, system } = process.cpuUsage();
    work();
    const used = process.cpuUsage({ user, system });
    return (used.user + used.system) / 1000;
  });
  return Math.min(...times);
}
