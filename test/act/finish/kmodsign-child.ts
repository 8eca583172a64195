/** For `sign.test.ts`: signs an object as on Ubuntu, in a mount namespace that holds what Ubuntu has: `kmodsign-child.ts HEADERS OBJECT INSTALL_TREE DKMS_TREE`. */
import { prepareSigning, signObject } from "../../../src/act/finish/sign.ts";
import { movedLayout } from "../../../src/model/machine/layout.ts";
import type { Event } from "../../../src/model/run/outcome.ts";
import { facts, noSettings } from "./signing-order.ts";
import { kernel } from "../install/scratch.ts";

const [headers = "", object = "", installTree = "", dkmsTree = ""] = process.argv.slice(2);
const tell = (event: Event): void => {
  if (event.kind === "note") process.stdout.write(`${event.level}: ${event.text}\n`);
};
const layout = movedLayout({ dkmsTree, sourceTree: dkmsTree, installTree });
const place = { layout, release: kernel.release, distribution: "ubuntu24.04", facts, settings: noSettings, headers };
const signing = await prepareSigning({ ...place, policy: "always", variables: {} }, tell);
if (signing !== undefined) await signObject(object, { signing }, tell);
