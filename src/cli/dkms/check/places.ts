/** Where a check keeps what it needs: root has the machine's own places, every other user some of his own. */
import { join } from "node:path";
import { DkmsError } from "../../../model/errors.ts";
import type { Layout } from "../../../model/machine/layout.ts";
import { callerEnvironment, canBecomeOthers } from "../../../system/environment.ts";

/** The layout for a check by this user. Throws `file-failed` when nobody tells where this user has files. */
export function checkLayout(layout: Layout): Layout {
  if (canBecomeOthers()) return layout;
  const cache = join(userCache(), "dkms-alpm");
  return { ...layout, cache, logs: join(cache, "log"), run: join(cache, "run") };
}

/** Where downloads of this user go; undefined for root, who has pacman's own cache. */
export function ownDownloads({ cache }: Layout): string | undefined {
  return canBecomeOthers() ? undefined : join(cache, "packages");
}

/** See the XDG Base Directory Specification: a relative path counts for nothing. */
function userCache(): string {
  const { XDG_CACHE_HOME: cache = "", HOME: home = "" } = callerEnvironment();
  if (cache.startsWith("/")) return cache;
  if (home.startsWith("/")) return join(home, ".cache");
  throw new DkmsError("file-failed", "Neither XDG_CACHE_HOME nor HOME tells where files of this user go.");
}
