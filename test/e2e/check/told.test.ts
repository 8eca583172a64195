/** What failed hooks and checks say to somebody who does not look at a terminal: the journal, notifications, doctor and status. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel, madeModule } from "../boot-table/packages.ts";
import { repository } from "../repository.ts";
import { scenario, type Scene } from "../scenario.ts";
import { addAnn, ask } from "./ask.ts";

const [old, next] = ["6.6.1-arch1-1", "6.6.2-arch1-1"] as const;
const [linux, linuxNext, needed, fixed, broken] = await Promise.all([
  madeKernel("linux", old, "6.6.1-1"),
  madeKernel("linux", next, "6.6.2-1"),
  madeModule("needed", "1.0", { broken: next }),
  madeModule("needed", "1.1"),
  madeModule("broken", "1.0", { broken: "*" }),
]);

/** Stands in for systemd-journald: what it gets is in /srv/journal. */
const journald = `
import os, socket
os.makedirs("/run/systemd/journal", exist_ok=True)
listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind("/run/systemd/journal/socket")
print("listens", flush=True)
while True:
    entry = listening.recv(65536)
    with open("/srv/journal", "ab") as journal:
        journal.write(entry.strip() + b"\\n\\n")
`;

/** The entries since the last look, each as its fields. */
function entries(machine: Scene): readonly Readonly<Record<string, string>>[] {
  const text = machine.exists("/srv/journal") ? machine.read("/srv/journal") : "";
  machine.remove("/srv/journal");
  return text
    .split("\n\n")
    .filter((entry) => entry !== "")
    .map((entry) => Object.fromEntries(entry.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2))));
}

/** Stands in for libnotify's program: asks the daemon of its session bus, as that does. */
const notifySend = `#!/bin/sh
while [ "$1" != -- ]; do shift; done
exec dbus-send --session --dest=org.freedesktop.Notifications --type=method_call /org/freedesktop/Notifications \\
  org.freedesktop.Notifications.Notify string:dkms "string:$2" "string:$3"
`;

/** A session without a screen, with a bus of its own: how often a notification was asked for in two runs of the user's unit, and with which words. */
const session = `
dbus-monitor --session "interface=org.freedesktop.Notifications" >/tmp/told &
for wait in 1 2 3 4 5 6 7 8 9 10; do [ -s /tmp/told ] && break; sleep 0.2; done
"$@" && "$@" || exit
sleep 1
grep -A 3 member=Notify /tmp/told || true
`;

scenario("a failed check and a failed hook are told once each", [...linux, needed], async (machine) => {
  machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = needed\n");
  machine.write("/usr/bin/notify-send", notifySend, 0o755);
  machine.write("/srv/session", session, 0o755);
  machine.write("/srv/journald.py", journald);
  const asAnn = await addAnn(machine);
  const daemon = machine.start(["python3", "/srv/journald.py"], { timeout: 600 });
  await daemon.waitFor(/listens/);
  const notified = async (): Promise<readonly string[]> => {
    const words = [...asAnn, "dbus-run-session", "--", "bash", "/srv/session", "dkms", "notify"];
    const output = await machine.need(words);
    return [...output.matchAll(/^ +string "(?!dkms"|DKMS")(.*)"$/gm)].map(([, text = ""]) => text);
  };
  const core = await repository(machine, "core", linuxNext);

  await ask(machine);
  const lost = `it loses needed for ${next}`;
  assert.equal(
    entries(machine).map((fields) => Object.fromEntries(Object.entries(fields).filter(([name]) => name !== "MESSAGE"))),
    [
      {
        PRIORITY: "3",
        SYSLOG_IDENTIFIER: "dkms",
        DKMS_MODULE: "needed",
        DKMS_VERSION: "1.0",
        DKMS_KERNEL: next,
        DKMS_LOG: `/var/log/dkms-alpm/needed-1.0-${next}-x86_64.log`,
      },
    ],
  );
  const saved = JSON.parse(machine.read("/var/lib/dkms-alpm/check.json")) as { verdict: string };
  assert.is(saved.verdict, "breaks");
  const doctor = await machine.run(["dkms", "doctor"]);
  assert.match(doctor.output, `The next upgrade would break something: ${lost}.`);
  assert.is(await machine.need(["dkms", "status"]), `needed/1.0, ${old}, x86_64: installed\n`);
  const terminal = await machine.need(["script", "-qec", "dkms status", "/dev/null"]);
  assert.match(terminal, `The next upgrade would break something: ${lost} (dkms check, `);
  assert.equal(await notified(), [
    `The next upgrade would break something: ${lost}. To upgrade everything else: pacman -Syu --ignore linux,linux-headers`,
  ]);
  assert.equal(await notified(), [], "the same problem is told once");

  await machine.commitWithFailure("-U", broken);
  const [, hook] = entries(machine);
  assert.is(hook?.["DKMS_MODULE"], "broken");
  assert.is(hook?.["PRIORITY"], "3");
  const [news = "", ...more] = await notified();
  assert.match(news, `Building broken/1.0 for ${old} (x86_64) failed`);
  assert.equal(more, []);

  await machine.commit("-R", "broken-dkms");
  await core.add(fixed);
  assert.is((await ask(machine)).verdict, "fine");
  assert.equal(entries(machine), [], "nothing is told of what is fine");
  assert.equal(await notified(), []);
  assert.not.match((await machine.run(["dkms", "doctor"])).output, "The next upgrade");
  daemon.kill("SIGKILL");
  await daemon.result.catch(() => undefined);
});

scenario("the units are such as systemd takes", [], async (machine) => {
  const system = "/usr/lib/systemd/system";
  const checked = await machine.run([
    "systemd-analyze",
    "verify",
    `${system}/dkms-check.timer`,
    `${system}/dkms-check.service`,
  ]);
  assert.is(checked.output, "");
  for (const name of ["dkms-notify.path", "dkms-notify.service"]) {
    assert.match(machine.read(`/usr/lib/systemd/user/${name}`), /^\[Unit\]$/m);
  }
  assert.not.ok(machine.exists("/etc/systemd/system/timers.target.wants/dkms-check.timer"), "disabled as shipped");
});

test.run();
