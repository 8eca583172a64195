/** Repositories over HTTP, directly and by a proxy that XferCommand names. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { madeKernel, madeModule } from "../boot-table/packages.ts";
import { repository } from "../repository.ts";
import { scenario } from "../scenario.ts";
import { addAnn, ask } from "./ask.ts";

const [linux, linuxNext, good] = await Promise.all([
  madeKernel("linux", "6.6.1-arch1-1", "6.6.1-1"),
  madeKernel("linux", "6.6.2-arch1-1", "6.6.2-1"),
  madeModule("good", "1.0"),
]);

/** Serves /srv, also to those who take it for a proxy, and prints what it is asked for. */
const server = `
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
const answer = (request, response) => {
  console.log(request.url);
  try {
    response.end(readFileSync("/srv" + decodeURIComponent(new URL(request.url, "http://own").pathname)));
  } catch {
    response.statusCode = 404;
    response.end();
  }
};
createServer(answer).listen(8080, "127.0.0.1", () => console.log("listens"));
`;

scenario("a repository over HTTP, and by a proxy", [...linux, good], async (machine) => {
  const asAnn = await addAnn(machine);
  await repository(machine, "core", linuxNext);
  await machine.need(["ip", "link", "set", "lo", "up"]);
  machine.write("/srv/server.mjs", server);
  const serving = machine.start(["node", "/srv/server.mjs"], { timeout: 600 });
  await serving.waitFor(/listens/);
  const settings = machine.read("/etc/pacman.conf").replace("file:///srv/core", "http://127.0.0.1:8080/core");
  machine.write("/etc/pacman.conf", settings);
  for (const who of [asAnn, []]) assert.is((await ask(machine, [], who)).verdict, "fine");
  assert.match(serving.output(), "/core/linux-headers-6.6.2-1-any.pkg.tar.zst");

  await machine.need(["find", "/var/cache/pacman/pkg", "/home/ann/.cache", "-name", "*.pkg.tar*", "-delete"]);
  const proxy = "XferCommand = /usr/bin/curl -s -f -x http://127.0.0.1:8080 -o %o %u";
  machine.write(
    "/etc/pacman.conf",
    settings.replace("[options]\n", `[options]\n${proxy}\n`).replace("127.0.0.1:8080/core", "mirror.example/core"),
  );
  for (const who of [asAnn, []]) assert.is((await ask(machine, [], who)).verdict, "fine");
  assert.match(serving.output(), "http://mirror.example/core/linux-headers-6.6.2-1-any.pkg.tar.zst");
  serving.kill("SIGKILL");
  await serving.result.catch(() => undefined);
});

test.run();
