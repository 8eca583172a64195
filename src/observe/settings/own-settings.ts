/** Reads /etc/dkms-alpm.conf, an INI file; without one, nothing is loaded and the defaults hold. */
import { interpretOwnSettings, type OwnSettings } from "../../model/settings/own-settings.ts";
import { readText } from "../../system/files/content.ts";

const defaultPath = "/etc/dkms-alpm.conf";

/** The settings; trouble with the file becomes warnings in them. */
export async function readOwnSettings(path: string = defaultPath): Promise<OwnSettings> {
  const text = readText(path);
  if (text === undefined) return interpretOwnSettings({}, path);
  const { parseSettingsText } = await import("./settings-text.ts");
  return interpretOwnSettings(parseSettingsText(text), path);
}
