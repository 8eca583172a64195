/** How this project calls itself in logs. */

/** Replaced by the bundler with the version in package.json. */
declare const DKMS_ALPM_VERSION: string | undefined;

/** The version of this project. */
export const projectVersion = typeof DKMS_ALPM_VERSION === "undefined" ? "0.0.0-development" : DKMS_ALPM_VERSION;

/** The version of the reference whose commands, tree and formats this program keeps to. */
export const referenceVersion = "3.4.3";

/** Name and version as they stand in logs. */
export const projectName = `dkms-alpm-${projectVersion}`;
