/** Sequences at random: what people and packages do to a machine with dkms. */
import fc from "fast-check";
import { bare, modules, packed } from "./cast.ts";
import { confOf } from "./made-up-modules.ts";
import type { Step } from "./sequence.ts";
import { running } from "./twins.ts";

const ids = modules.map(({ name, version }) => ({ name, version }));

const module = fc
  .constantFrom(...ids)
  .chain(({ name, version }) =>
    fc.constantFrom(`${name}/${version}`, `${name}/${version}`, `-m ${name} -v ${version}`, `-m ${name}/${version}`),
  );

const kernel = fc.constantFrom(running, packed, packed, bare);

const kernelWords = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  { weight: 4, arbitrary: kernel.map((release) => ` -k ${release}`) },
  { weight: 1, arbitrary: kernel.map((release) => ` -k ${release}/x86_64`) },
  {
    weight: 2,
    arbitrary: fc.shuffledSubarray([running, packed], { minLength: 2 }).map(([one, two]) => ` -k ${one} -k ${two}`),
  },
);

const force = fc.constantFrom("", "", "", " --force");

const toBuild = fc
  .tuple(fc.constantFrom("build", "install", "install"), module, kernelWords, force)
  .map(([command, id, kernels, forced]) => `${command} ${id}${kernels}${forced}`);

const toRemove = fc
  .tuple(
    fc.constantFrom("uninstall", "unbuild", "remove"),
    module,
    fc.oneof({ weight: 3, arbitrary: kernelWords }, { weight: 1, arbitrary: fc.constant(" --all") }),
  )
  .map(([command, id, kernels]) => `${command} ${id}${kernels}`);

const toAdd = fc.tuple(module, force).map(([id, forced]) => `add ${id}${forced}`);

const toAsk = fc.oneof(
  fc.constant("status"),
  kernel.map((release) => `status -k ${release}`),
  fc.constantFrom(...ids).map(({ name }) => `status ${name}`),
  module.map((id) => `status ${id}`),
);

const toAutoinstall = fc.oneof(
  fc.constant("autoinstall"),
  kernel.map((release) => `autoinstall -k ${release}`),
);

const command: fc.Arbitrary<Step> = fc
  .oneof(
    { weight: 6, arbitrary: toBuild },
    { weight: 4, arbitrary: toRemove },
    { weight: 2, arbitrary: toAdd },
    { weight: 2, arbitrary: toAsk },
    { weight: 1, arbitrary: toAutoinstall },
  )
  .map((words) => ({ dkms: words }));

/** Sources break, are fixed and vanish. */
const change: fc.Arbitrary<Step> = fc.constantFrom(...modules).chain((made) => {
  const folder = `/usr/src/${made.name}-${made.version}`;
  const conf = confOf(made);
  return fc.constantFrom<Step>(
    { remove: folder },
    { write: `${folder}/FAIL`, text: "" },
    { write: `${folder}/FAIL-${packed}`, text: "" },
    { remove: `${folder}/FAIL` },
    { write: `${folder}/dkms.conf`, text: conf.replace(/PACKAGE_VERSION=.*\n/, "") },
    { write: `${folder}/dkms.conf`, text: `${conf}BUILD_EXCLUSIVE_ARCH="aarch64"\n` },
    { write: `${folder}/dkms.conf`, text: `${conf}BUILD_EXCLUSIVE_CONFIG="CONFIG_RUNNING"\n` },
    { write: `${folder}/dkms.conf`, text: `${conf}AUTOINSTALL=""\n` },
    { write: `${folder}/dkms.conf`, text: conf },
    { remove: `/usr/lib/modules/${packed}/updates/dkms/${made.name}.ko.xz` },
  );
});

/** Up to ten steps after some modules were added, and a last look. */
export const sequence: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.subarray(ids),
    fc.array(fc.oneof({ weight: 7, arbitrary: command }, { weight: 1, arbitrary: change }), {
      minLength: 2,
      maxLength: 10,
      size: "max",
    }),
  )
  .map(([added, steps]) => [
    ...added.map(({ name, version }) => ({ dkms: `add ${name}/${version}` })),
    ...steps,
    { dkms: "status" },
  ]);
