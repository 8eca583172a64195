/** Other programs in the dkms tree while a build runs: the reference takes no lock, so that it may do there what it likes. */
import { DkmsError } from "../../model/errors.ts";
import { sourceLink, type Layout } from "../../model/machine/layout.ts";
import { moduleText, pairWords, type Pair } from "../../model/pair.ts";
import { fileKind } from "../../system/files/files.ts";

/** What a build finds at its beginning, to be compared with what it finds when it fails. */
export interface Registration {
  /** The error when the module has been taken out of the tree since then; undefined when it is where it was. */
  removal(): DkmsError | undefined;
}

/** Notes whether the pair's module is registered. */
export function noteRegistration(layout: Layout, pair: Pair): Registration {
  const link = sourceLink(layout, pair.module);
  const before = fileKind(link);
  return {
    removal: () => {
      if (before === "none" || fileKind(link) !== "none") return undefined;
      const module = moduleText(pair.module);
      return new DkmsError(
        "module-not-added",
        `${module} was removed from the dkms tree by somebody else while ${pairWords(pair)} was being built.`,
        { module, path: link, hint: "If it is wanted, install it again when nobody else is at work on the tree." },
      );
    },
  };
}
