/** Repositories over HTTP, directly, by a proxy that XferCommand names, and with signed databases. */
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

scenario("a repository over HTTP, by a proxy, and with signatures", [...linux, good], async (machine) => {
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

  // The same repository, signed by a key that pacman trusts.
  const key = "repo@example.org";
  await machine.need(["gpg", "--batch", "--passphrase", "", "--quick-generate-key", key, "ed25519", "sign", "never"]);
  const fingerprint = /^fpr:+(\w+):/m.exec(await machine.need(["gpg", "--with-colons", "--fingerprint"]))?.[1] ?? "";
  machine.write("/srv/key.asc", await machine.need(["gpg", "--armor", "--export", key]));
  await machine.need(["sh", "-c", "cd /srv/core && for f in *.zst; do gpg --batch --detach-sign $f; done"]);
  await machine.need(["sh", "-c", "cd /srv/core && rm core.* && repo-add --quiet --sign core.db.tar.gz *.zst"]);
  await machine.need(["pacman-key", "--init"]);
  await machine.need(["pacman-key", "--add", "/srv/key.asc"]);
  await machine.need(["pacman-key", "--lsign-key", fingerprint]);
  const signed = settings.replace("SigLevel = Never", "SigLevel = Required DatabaseRequired");
  machine.write("/etc/pacman.conf", signed);
  await machine.need(["find", "/var/cache/pacman/pkg", "/home/ann/.cache", "-name", "*.pkg.tar*", "-delete"]);
  for (const who of [asAnn, []]) assert.is((await ask(machine, [], who)).verdict, "fine");
  assert.match(serving.output(), "/core/core.db.sig");

  // pacman 6.0 cannot do that: the answer is its own, with the reason that it does not give.
  const transfer = "XferCommand = /usr/bin/curl -s -f -o %o %u";
  machine.write("/etc/pacman.conf", signed.replace("[options]\n", `[options]\n${transfer}\n`));
  const { verdict, doubts } = await ask(machine);
  const sync = await machine.pacman("-Sy");
  assert.is(verdict, sync.status === 0 ? "fine" : "unknown", sync.output);
  if (sync.status !== 0) {
    assert.match(sync.output, "core: missing required signature");
    assert.match(
      doubts[0] ?? "",
      "core: missing required signature. pacman 6.0 does not fetch signatures of databases",
    );
  }
  serving.kill("SIGKILL");
  await serving.result.catch(() => undefined);
});

test.run();
