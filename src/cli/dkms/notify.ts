/** `dkms notify`: shows notifications for problems that this user was not told of. dkms-notify.path starts it when a report or an answer has changed. */
import { readShown, rememberShown } from "../../act/notify/shown.ts";
import { defaultLayout } from "../../model/machine/layout.ts";
import type { Problem } from "../../model/notify/problem.ts";
import { readLastCheck } from "../../observe/health/last-check.ts";
import { readReports } from "../../observe/health/reports.ts";
import { callerEnvironment } from "../../system/environment.ts";
import { findProgram, run } from "../../system/process/processes.ts";
import { writeLine } from "../../system/output.ts";
import { printable } from "../../tell/errors.ts";
import { reportProblems, upgradeProblem } from "../../tell/notify/problems.ts";
import { sha256 } from "../../system/files/digests.ts";

/** Returns 0, also where nothing can show a notification; 1 when one could not be shown, and is shown by the next run. */
export async function runNotify(): Promise<number> {
  if (findProgram("notify-send") === undefined) {
    writeLine("err", "There is no notify-send (libnotify): nothing can be shown.");
    return 0;
  }
  const [last] = readReports(defaultLayout, 1);
  const present = [
    ...(last === undefined ? [] : reportProblems(last.report)),
    ...upgradeProblem(readLastCheck(defaultLayout)),
  ];
  const earlier = readShown();
  const shown: string[] = [];
  let status = 0;
  for (const problem of present) {
    const key = keyOf(problem);
    if (earlier.has(key) || (await show(problem))) shown.push(key);
    else status = 1;
  }
  // What is over is forgotten: when it comes back, that is news.
  rememberShown(new Set(shown));
  return status;
}

function keyOf({ message }: Problem): string {
  return sha256(message);
}

async function show({ message, severity }: Problem): Promise<boolean> {
  const urgency = severity === "error" ? "critical" : "normal";
  const options = ["--app-name=dkms", `--urgency=${urgency}`, "--icon=dialog-warning"];
  const { status, stderr } = await run(["notify-send", ...options, "--", "DKMS", markup(printable(message))], {
    environment: sessionVariables(),
    timeoutSeconds: 60,
  });
  if (status !== 0) writeLine("err", `notify-send failed: ${printable(stderr.trim().split("\n").at(-1) ?? "")}`);
  return status === 0;
}

/** The body of a notification may have markup, see the Desktop Notifications Specification. */
function markup(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** How a program finds the session that it belongs to. */
function sessionVariables(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(callerEnvironment()).filter(([name]) => ofSession.has(name)));
}

const ofSession: ReadonlySet<string> = new Set([
  ...["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"],
]);
