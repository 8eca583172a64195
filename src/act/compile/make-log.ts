/** make.log: a header that names the pair, and every command in a frame with its output, status and time, as the reference writes it. */
import { kernelWords, moduleText, type Pair } from "../../model/pair.ts";
import { createLogFile, type LogFile } from "../../system/log-file.ts";

/** The log of one build. */
export interface MakeLog {
  readonly path: string;
  /** Commands write here. */
  readonly descriptor: number;
  begin(description: string, command: string): Frame;
  close(): void;
}

/** The part of the log that belongs to one command. */
interface Frame {
  /** Something that we have to say ourselves. */
  write(text: string): void;
  /** Closes the frame; `status` is the command's exit status, `seconds` its wall time. Returns what the command has written. */
  end(status: number, seconds: number): string;
}

/** Output that is looked through for the reason of a failure, in bytes from its end. */
const longestOutput = 8 * 1024 * 1024;

/** Bytes of a log that are kept: programs that read logs refuse far longer ones, and a build can make a file as long as it likes. */
const longestLog = 64 * 1024 * 1024;

/** Starts the log of a pair; `program` is written into its first line. */
export function openMakeLog(path: string, pair: Pair, program: string): MakeLog {
  const file = createLogFile(path);
  file.write(`${logTitle(pair, program)}\n${dateText(new Date())}\n`);
  return {
    path,
    descriptor: file.descriptor,
    begin: (description, command) => beginFrame(file, description, command),
    close: () => file.close(),
  };
}

/** The first line: `DKMS (dkms-alpm-0.1.0) make.log for M/V for kernel K (A)`. */
function logTitle(pair: Pair, program: string): string {
  return `DKMS (${program}) make.log for ${pairTitle(pair)}`;
}

/** Whether a log's first line names this pair. */
export function isLogOf(text: string, pair: Pair): boolean {
  return text.split("\n", 1)[0]?.endsWith(` make.log for ${pairTitle(pair)}`) === true;
}

/** `HH:MM:SS` of a number of seconds. */
export function elapsedText(seconds: number): string {
  const whole = Math.floor(seconds);
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

function pairTitle({ module, kernel }: Pair): string {
  return `${moduleText(module)} for kernel ${kernelWords(kernel)}`;
}

/** As date(1) writes it in the C locale, with the offset in place of the zone's name: `Tue Nov 21 05:10:45 +0000 2023`. */
function dateText(now: Date): string {
  const [day, month, date, year, time, zone] = now.toString().split(" ");
  return `${day} ${month} ${date} ${time} ${zone?.replace("GMT", "")} ${year}`;
}

function beginFrame(file: LogFile, description: string, command: string): Frame {
  file.write(`\n${description}\n# command: ${command}\n`);
  const start = file.length();
  return {
    write: (text) => file.write(text),
    end: (status, seconds) => {
      const output = file.since(start, longestOutput);
      const leftOut = file.cut(longestLog);
      if (leftOut > 0) file.write(`\n# The log was too long: ${leftOut} bytes are left out here.\n`);
      file.write(`\n# exit code: ${status}\n# elapsed time: ${elapsedText(seconds)}\n${"-".repeat(64)}\n`);
      return output;
    },
  };
}
