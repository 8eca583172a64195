/** A signed repository, and clients that take nothing else. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tinyModule } from "../module-packages.ts";
import { linux, older, scenario } from "../scenario.ts";
import { createClient } from "./client.ts";

const tiny = await tinyModule({ name: "tiny", moduleVersion: "1.0" });
const name = "tiny-dkms-modules-linux";
const key = "Fleet <fleet@example.org>";

scenario("packages and database are signed when a key is configured", [...linux.both, tiny], async (builder) => {
  await builder.need(["gpg", "--batch", "--passphrase", "", "--quick-generate-key", key, "rsa2048", "sign", "never"]);
  builder.write("/etc/dkms-alpm.conf", "[Package]\nKey = fleet@example.org\n");
  await builder.need(["dkms", "mkpkg", "tiny/1.0", "-k", older, "--repo", "/srv/fleet"]);
  assert.ok(builder.exists("/srv/fleet/fleet.db.sig"));
  const exported = await builder.need(["gpg", "--armor", "--export", "fleet@example.org"]);
  const fingerprint = /^fpr:+(\w+):/m.exec(await builder.need(["gpg", "--with-colons", "--fingerprint"]))?.[1] ?? "";

  const client = await createClient(["fleet"], "SigLevel = Required");
  try {
    client.mirror(builder, "fleet");
    await client.commit("-U", linux.kernel);
    assert.is.not((await client.pacman("-Sy", name)).status, 0, "an unknown key");
    client.write("/opt/fleet.asc", exported);
    await client.need(["pacman-key", "--init"]);
    await client.need(["pacman-key", "--add", "/opt/fleet.asc"]);
    await client.need(["pacman-key", "--lsign-key", fingerprint]);
    await client.commit("-Sy", name);
    assert.match(await client.loadable(older, "tiny"), /updates\/dkms-pkg\/tiny\.ko$/);
    client.write("/srv/fleet/fleet.db.sig", "no signature");
    assert.is.not((await client.pacman("-Syy", name)).status, 0, "a bad signature");
  } finally {
    await client.dispose();
  }
});

test.run();
