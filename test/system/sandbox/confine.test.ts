/** What a program in the sandbox is and sees: with a user namespace, and where a machine has none. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../src/system/process/processes.ts";
import { buildUser } from "../../../src/system/sandbox/build-user.ts";
import { confine, plainView } from "../../../src/system/sandbox/confine.ts";
import type { View } from "../../../src/system/sandbox/view.ts";

const { uid, gid } = buildUser();
// 0700, as most private directories are: what lies in it is shown all the same.
const root = fs.mkdtempSync(join(tmpdir(), "dkms-alpm-confine-"));
process.on("exit", () => fs.rmSync(root, { recursive: true, force: true }));
fs.mkdirSync(`${root}/own`);
fs.chownSync(`${root}/own`, uid, gid);
fs.mkdirSync(`${root}/shown`);
fs.writeFileSync(`${root}/shown/file`, "words\n");
fs.symlinkSync("/etc/shadow", `${root}/shown/link`);
fs.mkdirSync(`${root}/hidden`);
fs.mkdirSync(`${root}/machine/etc`, { recursive: true });
for (const name of ["bin", "lib", "lib64"]) {
  fs.mkdirSync(`${root}/machine/usr/${name}`, { recursive: true });
  fs.symlinkSync(`usr/${name}`, `${root}/machine/${name}`);
}
fs.writeFileSync(`${root}/machine/etc/debian_version`, "another machine\n");

const view: View = {
  ...plainView,
  readable: [`${root}/shown`],
  places: [{ kind: "write", from: `${root}/own`, at: "/var/lib/own" }],
  directory: "/var/lib/own",
};

for (const kind of ["namespace", "user"] as const) {
  const shell = async (text: string, more: Partial<View> = {}): Promise<string> => {
    const confined = confine(kind, { ...view, ...more }, ["bash", "-c", text], 3);
    try {
      const { stdout, stderr } = await run(confined.argv, {
        descriptors: [confined.descriptor],
        bare: true,
        ...(confined.user === undefined ? {} : { user: confined.user }),
      });
      return `${stdout}${stderr}`.trim();
    } finally {
      confined.close();
    }
  };

  test(`${kind}: it is the build user, who looks like root where that can be`, async () => {
    const id = kind === "namespace" ? "0 0 0" : `${uid} ${gid} ${gid}`;
    assert.is(await shell("touch made; echo $(id -u) $(id -g) $(id -G)"), id);
    const { uid: owner, gid: group } = fs.statSync(`${root}/own/made`);
    assert.equal([owner, group], [uid, gid]);
  });

  test(`${kind}: it begins in its directory and sees what is shown, and no more`, async () => {
    assert.is(
      await shell(`pwd; cat ${root}/shown/file; ls ${root}; ls -A /root /home 2>&1 | grep -c "cannot access"`),
      `/var/lib/own\nwords\nshown\n2`,
    );
    assert.match(await shell(`cat ${root}/shown/link`), /No such file or directory$/);
    assert.is(
      await shell("ls /"),
      await shell("ls / | grep -Ex 'bin|dev|etc|lib|lib32|lib64|libx32|nix|opt|proc|sbin|tmp|usr|var'"),
    );
  });

  test(`${kind}: nothing but its own can be written`, async () => {
    const tries = ["/x", "/etc/x", "/usr/x", `${root}/shown/file`, "/var/lib/x", "/dev/null/x"];
    assert.is(
      await shell(`for p in ${tries.join(" ")}; do (echo x >$p) 2>/dev/null && echo $p; done; echo end`),
      "end",
    );
    assert.is(fs.readFileSync(`${root}/shown/file`, "utf8"), "words\n");
  });

  test(`${kind}: no new rights, few capabilities, a filter, no foreign processes`, async () => {
    const text = await shell("grep -E '^(NoNewPrivs|CapEff|Seccomp):' /proc/self/status; echo /proc/[0-9]* | wc -w");
    const [effective, rights, filter, processes] = text.split("\n");
    assert.equal([rights, filter], ["NoNewPrivs:\t1", "Seccomp:\t2"]);
    assert.is(effective, kind === "namespace" ? "CapEff:\t000000000000003b" : "CapEff:\t0000000000000000");
    assert.ok(Number(processes) <= 5, processes);
  });

  test(`${kind}: it shares no namespace with the machine that it could reach others by`, async () => {
    const names = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];
    const seen = await shell(`cd /proc/self/ns && readlink ${names.join(" ")}`);
    const ours = new Set(names.map((name) => fs.readlinkSync(`/proc/self/ns/${name}`)));
    assert.equal(
      seen.split("\n").map((name) => name.split(":")[0]),
      names,
    );
    assert.equal(
      seen.split("\n").filter((name) => ours.has(name)),
      [],
    );
  });

  test(`${kind}: it has no terminal, and nothing that it sees has set-user-id bits or devices`, async () => {
    assert.match(await shell(": </dev/tty"), /No such device or address$/);
    // The fifth and sixth words of a line are the place and its options: proc_pid_mountinfo(5).
    const mounts = (await shell("cat /proc/self/mountinfo")).split("\n").map((line) => line.split(" "));
    assert.ok(mounts.some(([, , , , place]) => place === "/usr"));
    const loose = mounts.filter(([, , , , place = "", options = ""]) => {
      const words = options.split(",");
      return !words.includes("nosuid") || (!words.includes("nodev") && !place.startsWith("/dev"));
    });
    assert.equal(loose, []);
  });

  test(`${kind}: another root is shown in place of the machine`, async () => {
    // Of `/usr` the machine's, as this one has no programs of its own.
    const other = {
      root: `${root}/machine`,
      places: [...view.places, { kind: "read", from: "/usr", at: "/usr" } as const],
    };
    assert.is(
      await shell("cat /etc/debian_version; ls /etc", { ...other, readable: [] }),
      "another machine\ndebian_version",
    );
  });
}

test.run();
