/**
 * Which generation of software a machine of the tests has: the host's own, or the newest one, as people who run Arch have it today.
 * `DKMS_ALPM_TEST_MACHINE=newest` chooses the second for every machine of a test process.
 */
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { cached, contentKey } from "./cache.ts";
import { need } from "./command.ts";

export const generation = process.env["DKMS_ALPM_TEST_MACHINE"] === "newest" ? "newest" : "host";

/** The folder that is the lowest layer of a machine; the one of the newest generation is made once a month, in some minutes. */
export const lowestLayer = generation === "newest" ? await newestRoot() : "/";

async function newestRoot(): Promise<string> {
  const month = new Date().toISOString().slice(0, 7);
  const recipe = join(import.meta.dirname, "newest/make-root");
  const folder = await cached(`newest/${month}-${contentKey(readFileSync(recipe, "utf8"))}`, async (making) => {
    console.log("Making the root of a machine of the newest generation; this takes some minutes.");
    await need([recipe, join(making, "root")], { timeout: 3000 });
  });
  return join(folder, "root");
}
