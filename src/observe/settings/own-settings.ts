/** Reads /etc/dkms-alpm.conf, an INI file; without one, nothing is loaded and the defaults hold. */
import { DkmsError } from "../../model/errors.ts";
import { interpretOwnSettings, type OwnSettings } from "../../model/settings/own-settings.ts";
import { readText } from "../../system/files/content.ts";

const defaultPath = "/etc/dkms-alpm.conf";

/** The settings; trouble with the file becomes warnings in them. */
export async function readOwnSettings(path: string = defaultPath): Promise<OwnSettings> {
  let text: string | undefined;
  try {
    text = readText(path);
  } catch (error) {
    if (!(error instanceof DkmsError)) throw error;
    const found = interpretOwnSettings({}, path);
    return { ...found, warnings: [`${error.message.replace(/\.$/, "")}: its settings do not count.`] };
  }
  if (text === undefined) return interpretOwnSettings({}, path);
  const { parseSettingsText } = await import("./settings-text.ts");
  return interpretOwnSettings(parseSettingsText(text), path);
}
