/** What a command line of `dkms check` asks for. */
import { DkmsError } from "../../../model/errors.ts";
import { isPackageName } from "../../../model/package-name.ts";
import type { CheckSubject } from "../../../model/check/check.ts";
import { monotonicTime } from "../../../system/terminal.ts";
import { workingDirectory } from "../../../system/environment.ts";
import { absolutePath } from "../../frame/given-paths.ts";
import { usageError as usualError } from "../../frame/usage.ts";
import type { ParsedArguments } from "../../frame/parse-arguments.ts";

/** Status 2 is an answer of `check`. */
function usageError(message: string): DkmsError {
  const { code, message: text, facts } = usualError(message);
  return new DkmsError(code, text, { ...facts, exitCode: 3 });
}

/** An order. */
export interface CheckOrder {
  readonly subject: CheckSubject;
  /** The only packages that are upgraded; undefined for all. */
  readonly packages: readonly string[] | undefined;
  /** Names that are left out of the upgrade. */
  readonly ignored: readonly string[];
  /** The source or package of a module to test. */
  readonly module: string | undefined;
  /** Seconds in all; undefined without a limit. */
  readonly timeout: number | undefined;
  /** When the run began, on the clock of `monotonicTime`. */
  readonly began: number;
  readonly json: boolean;
}

/** Reads it; throws `usage`. */
export function readOrder(given: ParsedArguments): CheckOrder {
  const [, extra] = given.words;
  if (extra !== undefined) throw usageError(`dkms check takes no operand: ${extra}.`);
  const packages = namesOf(given, "packages");
  const path = given.value("with");
  if (path === "") throw usageError("--with needs the directory of a module's source, or a package.");
  const module = path === undefined ? undefined : absolutePath(path, workingDirectory());
  const isInstalled = given.has("installed");
  const chosen = [packages !== undefined, module !== undefined, isInstalled].filter(Boolean).length;
  if (chosen > 1) throw usageError("One of --packages, --with and --installed at a time.");
  return {
    subject: isInstalled
      ? "machine"
      : module !== undefined
        ? "module"
        : packages !== undefined
          ? "packages"
          : "upgrade",
    packages,
    ignored: namesOf(given, "ignore") ?? [],
    module,
    timeout: secondsOf(given.value("timeout")),
    began: monotonicTime(),
    json: given.has("json"),
  };
}

function namesOf(given: ParsedArguments, option: string): readonly string[] | undefined {
  const text = given.value(option);
  if (text === undefined) return undefined;
  const names = text.split(",").filter((name) => name !== "");
  const bad = names.find((name) => !isPackageName(name));
  if (names.length === 0 || bad !== undefined) throw usageError(`--${option} needs names of packages, not "${text}".`);
  return names;
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw usageError(`--timeout needs a number of seconds, not "${text}".`);
  return Number(text);
}
