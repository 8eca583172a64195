/** The hook files of a directory, as the planner of `dkms-hookgen` takes them. */
import type { ExistingHook } from "../../decide/hookgen/existing.ts";
import { DkmsError } from "../../model/errors.ts";
import type { FoundHook } from "../../observe/pacman/hook-files.ts";
import { tellError } from "../frame/guarded.ts";

/** Those that can be read; a link to nothing counts as an empty file, and is told of, since it stops pacman whatever becomes of it here. */
export function existingHooks(found: readonly FoundHook[]): readonly ExistingHook[] {
  return found.flatMap(({ name, path, content }) => {
    if (content.kind === "text") return [{ name, text: content.text }];
    const what = content.kind === "dangling" ? `is a link to nothing (${content.target})` : content.reason;
    tellError(
      new DkmsError("conf-invalid", `${path}: ${what}. pacman refuses every transaction because of it.`, {
        hint: "Delete it, or link it to /dev/null to switch a hook off.",
      }),
    );
    return content.kind === "dangling" ? [{ name, text: "" }] : [];
  });
}
