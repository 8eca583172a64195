/** Reads the command line of a pacman: what it was asked for, and the options that another pacman needs to see the same packages. See pacman(8). */

/** A command line, as far as it decides which packages a transaction has. */
export interface PacmanCommand {
  readonly operation: "sync" | "upgrade" | "other";
  /** How often `-u` was given: twice allows downgrades. */
  readonly sysupgrades: number;
  readonly targets: readonly string[];
  /** Options that change which packages and archives are meant, to be given to a query as they are. */
  readonly options: readonly string[];
  /** Those of them that say which database and settings are meant. */
  readonly database: readonly string[];
  readonly config: string | undefined;
  readonly cacheDirectories: readonly string[];
}

/** Long options with a value, and whether they matter to a query. */
const withValue: Readonly<Record<string, "passed" | "dropped">> = {
  "--config": "passed",
  "--dbpath": "passed",
  "--cachedir": "passed",
  "--root": "passed",
  "--sysroot": "passed",
  "--arch": "passed",
  "--gpgdir": "passed",
  "--ignore": "passed",
  "--ignoregroup": "passed",
  "--assume-installed": "passed",
  "--hookdir": "dropped",
  "--logfile": "dropped",
  "--color": "dropped",
  "--overwrite": "dropped",
  "--print-format": "dropped",
  "--ask": "dropped",
};

const shortWithValue: Readonly<Record<string, string>> = { b: "--dbpath", r: "--root" };

/** Long flags that change which packages are meant. */
const passedFlags = new Set(["--needed", "--nodeps", "--sysupgrade"]);

/** Reads the words of a command line, the program's name first. */
export function parsePacmanCommand(words: readonly string[]): PacmanCommand {
  let operation: PacmanCommand["operation"] = "other";
  let sysupgrades = 0;
  const targets: string[] = [];
  const options: string[] = [];
  const values = new Map<string, string[]>();
  const take = (name: string, value: string): void => {
    values.set(name, [...(values.get(name) ?? []), value]);
    if (withValue[name] === "passed") options.push(`${name}=${value}`);
  };
  const rest = words.slice(1);
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    if (word === "--") targets.push(...rest.splice(0));
    else if (word.startsWith("--")) {
      const [name = "", ...value] = word.split("=");
      if (name === "--sync") operation = "sync";
      else if (name === "--upgrade") operation = "upgrade";
      else if (name === "--sysupgrade") sysupgrades += 1;
      else if (withValue[name] !== undefined) take(name, value.length > 0 ? value.join("=") : (rest.shift() ?? ""));
      else if (passedFlags.has(name)) options.push(name);
    } else if (word.startsWith("-") && word.length > 1) {
      for (let at = 1; at < word.length; at += 1) {
        const letter = word.charAt(at);
        const long = shortWithValue[letter];
        if (letter === "S") operation = "sync";
        else if (letter === "U") operation = "upgrade";
        else if (letter === "u") sysupgrades += 1;
        else if (letter === "d") options.push("-d");
        else if (long !== undefined) {
          take(long, at + 1 < word.length ? word.slice(at + 1) : (rest.shift() ?? ""));
          break;
        }
      }
    } else targets.push(word);
  }
  return {
    operation,
    sysupgrades,
    targets,
    options,
    database: options.filter((option) => /^--(config|dbpath|root|sysroot)=/.test(option)),
    config: values.get("--config")?.at(-1),
    cacheDirectories: values.get("--cachedir") ?? [],
  };
}
