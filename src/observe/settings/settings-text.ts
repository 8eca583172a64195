/** Parses the text of an INI file; a module of its own, so that the parser is loaded only where there is such a file. */
import { parse } from "ini";
import type { SettingsText } from "../../model/settings/own-settings.ts";

/** The sections of a text; a key that stands in several lines has an array. Never fails: what is no line of an INI file becomes a key. */
export function parseSettingsText(text: string): SettingsText {
  return parse(text, { bracketedArray: false });
}
