/** The version of Node.js that runs this program (`v20.19.0`). */
export function nodeVersion(): string {
  return process.version;
}
