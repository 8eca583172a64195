/** A machine with what the attacks of a hostile package are after. */
import { dirname } from "node:path";
import { planted, secret, secrets } from "../../act/sandbox/attacks.ts";
import { generation } from "../generation.ts";
import type { Machine } from "../machine.ts";
import { addPrograms } from "../newest/library.ts";

/** What they attack beside files: a process, a server, and sockets with names. */
const victim = `const { createServer } = require("net");
require("fs").mkdirSync("/var/tmp/dkms-attack", { recursive: true });
for (const name of ["/run/dkms-attack.sock", "/var/tmp/dkms-attack/sock", "\\0dkms-attack"]) createServer().listen(name);
const server = createServer().listen(0, "127.0.0.1", () => console.log("port " + server.address().port + " pid " + process.pid + " end"));`;

/** Prepares a machine; gives what the attacks are told of it, and how the process that they attack ends. */
export async function attacked(
  machine: Machine,
): Promise<{ readonly told: Readonly<Record<string, string>>; end(): Promise<void> }> {
  for (const path of Object.values(secrets))
    machine.write(path, `${secret}\n`, path.startsWith("/root/") ? 0o600 : 0o644);
  await machine.need(["mkdir", "-p", ...planted.map((path) => dirname(path))]);
  // Some of the attacks are programs in C.
  if (generation === "newest") await addPrograms(machine, "libc6-dev", "iproute2", "keyutils", "libcap2-bin");
  await machine.need(["ip", "link", "set", "lo", "up"]);
  const server = machine.start(["node", "-e", victim], { timeout: 3000 });
  await server.waitFor(/port \d+ pid \d+ end/);
  const [, port = "", pid = ""] = /port (\d+) pid (\d+) end/.exec(server.output()) ?? [];
  const told = {
    TEST_PID: pid,
    TEST_COMM: (await machine.need(["cat", `/proc/${pid}/comm`])).trim(),
    TEST_UTS: (await machine.need(["readlink", "/proc/self/ns/uts"])).trim(),
    TEST_PORT: port,
  };
  return {
    told,
    end: async () => {
      server.kill("SIGKILL");
      await server.result;
    },
  };
}
