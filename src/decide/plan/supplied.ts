/** Modules that a package brings ready-made: they are not built, and what was installed from the dkms tree makes way for them. */
import { DkmsError } from "../../model/errors.ts";
import { moduleText, pairWords, sameModule, type Pair } from "../../model/pair.ts";
import { supplyWords, type Supply } from "../../model/packaging/supply.ts";
import type { Draft } from "./draft.ts";
import type { WorldIndex } from "./world-index.ts";

/** Says that a pair is not needed, and takes the version that is installed from the dkms tree out of the kernel: of two, nobody knows which one is loaded. */
export function giveWay(index: WorldIndex, draft: Draft, pair: Pair, supply: Supply): void {
  draft.find("skip", supplied(pair, supply), pair);
  const active = index.active(pair.module.name, pair.kernel);
  if (active !== undefined) draft.step({ kind: "uninstall", pair: active.pair }, supplyWords(supply));
}

/** Why a pair need not be built. */
export function supplied(pair: Pair, supply: Supply): DkmsError {
  const isSame = sameModule(pair.module, supply.pair.module);
  const message = isSame
    ? `${pairWords(pair)} is supplied by package ${supply.package}.`
    : `${pairWords(pair)} is not wanted: ${supplyWords(supply)} for that kernel.`;
  return new DkmsError("supplied", message, {
    module: moduleText(pair.module),
    kernel: pair.kernel.release,
    hint: `To have it built here instead: pacman -R ${supply.package}`,
  });
}
