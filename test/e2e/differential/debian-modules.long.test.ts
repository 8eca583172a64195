/** Debian's own DKMS packages, really compiled for up to three kernels by both programs: the same verdicts, the same objects. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { unpackedDeb } from "../debs.ts";
import { realKernels, realReleases } from "./real-kernels.ts";
import { play } from "./sequence.ts";
import { snapshot } from "./snapshot.ts";
import { createTwins, type Program } from "./twins.ts";

const packages =
  "acpi-call bbswitch librem-ec-acpi nat-rtsp v4l2loopback " +
  "adv-17v35x apfs dahdi ddcci digimend dm-writeboost dpdk-kmods evdi falcosecurity-scap gost-crypto iptables-netflow jool langford " +
  "lime-forensics lttng-modules openafs-modules openrazer-driver openvpn-dco rapiddisk rtpengine-kernel tp-smapi vpoll " +
  "west-chamber xtables-addons xtrx";

/** `DKMS_ALPM_PACKAGES="jool evdi"` looks at these and no others, `DKMS_ALPM_KERNELS=1` builds for so many kernels. */
const names = (process.env["DKMS_ALPM_PACKAGES"] ?? packages).split(" ");

const fields = ["vermagic", "depends", "srcversion", "version", "alias"];

const twins = await createTwins();
const releases = (await realReleases()).slice(0, Number(process.env["DKMS_ALPM_KERNELS"] ?? 3));
const kernels = await realKernels(releases);

for (const name of names) {
  test(`${name}-dkms for ${releases.length} kernels`, async () => {
    const started = performance.now();
    const { folder } = await unpackedDeb(`${name}-dkms`);
    const sources = readdirSync(join(folder, "usr/src")).filter((entry) =>
      existsSync(join(folder, "usr/src", entry, "dkms.conf")),
    );
    assert.ok(sources.length > 0, `${name}-dkms has no source below /usr/src`);
    await twins.reset([kernels, { from: join(folder, "usr/src"), to: "/usr/src" }]);
    for (const source of sources) {
      const module = await moduleOf(source);
      const steps = releases.map((release) => ({ dkms: `install ${module} -k ${release}` }));
      const verdict = await play(twins, [{ dkms: `add ${module}` }, ...steps, { dkms: "status" }], { timeout: 3600 });
      assert.is(verdict.unexplained.join("\n"), "");
      assert.is(verdict.compared, steps.length + 2, `compared only until ${verdict.explained.join(", ")}`);
    }
    assert.equal(await objects("ours"), await objects("reference"));
    console.log(`${name}-dkms: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  });
}

/** `M/V` of a source, whose folder need not be called `M-V`. */
async function moduleOf(source: string): Promise<string> {
  const conf = `/usr/src/${source}/dkms.conf`;
  const script = `. ${conf} >&2; echo "$PACKAGE_NAME/$PACKAGE_VERSION"`;
  const id = (await twins.reference.need(["bash", "-c", script])).trim();
  assert.is(source, id.replace("/", "-"));
  return id;
}

/** What modinfo says of every object that is installed. */
async function objects(program: Program): Promise<string[]> {
  const paths = snapshot(twins[program]).flatMap((line) => /^f \d+ (\S+\/updates\/\S+\.ko\S*)/.exec(line)?.[1] ?? []);
  return Promise.all(
    paths.map(async (path) => {
      const values = fields.map((field) => twins[program].run(["modinfo", "-F", field, path]));
      return [
        path,
        ...(await Promise.all(values)).map(({ stdout }, index) => `${fields[index]}=${stdout.trim()}`),
      ].join(" ");
    }),
  );
}

test.after(() => twins.dispose());

test.run();
