/** One machine builds, three install: no client has compiler, headers or source, and upgrades bring kernel and modules together. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { repository } from "../repository.ts";
import { linux, linuxLts, linuxNext, newer, older, scenario } from "../scenario.ts";
import { createClient } from "./client.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const name = "tiny-dkms-modules-linux";
const objectPath = (release: string): string => `/usr/lib/modules/${release}/updates/dkms-pkg/tiny.ko`;

scenario(
  "a kernel upgrade through the repository, on a build machine and three clients",
  [...linux.both, tiny],
  async (builder) => {
    const core = await repository(builder, "core", [linux.kernel]);
    await builder.need(["dkms", "mkpkg", "tiny/1.0", "-k", older, "--repo", "/srv/fleet"]);
    assert.equal(builder.compiled(), [], "it was built already");

    const clients = await Promise.all(["one", "two", "three"].map(() => createClient(["core", "fleet"])));
    try {
      for (const client of clients) {
        client.mirror(builder, "core", "fleet");
        await client.commit("-Sy", "linux", name);
        assert.is(await client.loadable(older, "tiny"), objectPath(older));
        assert.match(await client.need(["pacman", "-Qo", objectPath(older)]), new RegExp(`is owned by ${name} `));
      }

      await builder.commit("-U", ...linuxNext.both);
      await core.add(linuxNext.kernel);
      await builder.need(["dkms", "mkpkg", "tiny/1.0", "-k", newer, "--repo", "/srv/fleet"]);
      for (const client of clients) {
        client.mirror(builder, "core", "fleet");
        await client.commit("-Syu");
        assert.is(await client.loadable(newer, "tiny"), objectPath(newer));
        assert.is(client.exists(`/usr/lib/modules/${older}`), false, client.tree("/usr/lib/modules").join(" "));
        assert.equal(client.started(), [], "nothing was compiled");
        assert.equal(client.list("/usr/src"), []);
      }
    } finally {
      await Promise.all(clients.map((client) => client.dispose()));
    }
  },
);

scenario(
  "a repository that lags behind holds no client back, and catches up",
  [...linux.both, tiny],
  async (builder) => {
    const core = await repository(builder, "core", [linux.kernel]);
    await builder.need(["dkms", "mkpkg", "tiny/1.0", "-k", older, "--repo", "/srv/fleet"]);
    const client = await createClient(["core", "fleet"]);
    try {
      client.mirror(builder, "core", "fleet");
      await client.commit("-Sy", "linux", name);
      await core.add(linuxNext.kernel);
      client.mirror(builder, "core");
      await client.commit("-Syu");
      assert.is(client.exists(`/usr/lib/modules/${newer}/vmlinuz`), true);
      assert.is(await client.loadable(newer, "tiny"), "");

      await builder.commit("-U", ...linuxNext.both);
      await builder.need(["dkms", "mkpkg", "tiny/1.0", "-k", newer, "--repo", "/srv/fleet"]);
      client.mirror(builder, "fleet");
      await client.commit("-Syu");
      assert.is(await client.loadable(newer, "tiny"), objectPath(newer));
    } finally {
      await client.dispose();
    }
  },
);

scenario("two kernels have a package each, side by side", [...linux.both, ...linuxLts.both, tiny], async (builder) => {
  await repository(builder, "core", [linux.kernel, linuxLts.kernel]);
  await builder.need(["dkms", "mkpkg", "tiny/1.0", "--all", "--repo", "/srv/fleet"]);
  const client = await createClient(["core", "fleet"]);
  try {
    client.mirror(builder, "core", "fleet");
    await client.commit("-Sy", "linux", "linux-lts", name, `${name}-lts`);
    assert.is(await client.loadable(older, "tiny"), objectPath(older));
    assert.is(await client.loadable(newer, "tiny"), objectPath(newer));
    await client.commit("-R", name);
    assert.is(await client.loadable(older, "tiny"), "");
    assert.is(await client.loadable(newer, "tiny"), objectPath(newer));
  } finally {
    await client.dispose();
  }
});

test.run();
