/** Plays a refusal and its repair with the real pacman, and draws what it printed. Run by scripts/recording. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { mkinitcpioPackage } from "../test/e2e/initramfs/stand-ins.ts";
import { linux, linuxNext, newer, older } from "../test/e2e/scenario.ts";
import { tinyModule } from "../test/e2e/module-packages.ts";
import { projectMachine } from "../test/e2e/project-package.ts";
import { repository } from "../test/e2e/repository.ts";
import { transcriptSvg, type TranscriptLine } from "./transcript-svg.ts";

const file = resolve(import.meta.dirname, "../docs/recording.svg");
const widest = 118;
const prompt = "[root@arch ~]# ";

const zfs = await tinyModule({ name: "zfs", moduleVersion: "2.2.2", fails: { release: newer } });
const zfsNext = await tinyModule({ name: "zfs", moduleVersion: "2.2.3" });
const mkinitcpio = await mkinitcpioPackage("41");
const machine = await projectMachine({ osRelease: "arch", packages: [mkinitcpio, ...linux.both, zfs] });
const core = await repository(machine, "core", [...linux.both, zfs]);
// Debian's, which every machine sees.
machine.remove("/usr/bin/dracut");
machine.write("/etc/dkms-alpm.conf", "[Guard]\nRequire = zfs\n");

const lines: TranscriptLine[] = [];
try {
  await core.add(...linuxNext.both);
  await machine.need(["pacman", "-Sy"]);
  await play("pacman -Su");
  comment("# Later there is a zfs for the new kernel.");
  await core.add(zfsNext);
  await machine.need(["pacman", "-Sy"]);
  await play("pacman -Su");
  await play("dkms status");
} finally {
  await machine.dispose();
}
writeFileSync(file, transcriptSvg(lines, `pacman refuses a kernel that zfs does not build for: ${older} to ${newer}`));
console.log(lines.map(({ text }) => text).join("\n"));
console.log(`Drawn: ${file}`);

function comment(text: string): void {
  lines.push({ text: "", after: 0 }, { text: prompt + text, after: 2 });
}

/** Runs a command in the machine and keeps what it prints; pacman's own checks are left out. */
async function play(command: string): Promise<void> {
  if (lines.length > 0) lines.push({ text: "", after: 0 });
  lines.push({ text: prompt + command, after: 2 });
  const [program = "", ...words] = command.split(" ");
  const { output } = await machine.run(program === "pacman" ? [program, "--noconfirm", ...words] : [program, ...words]);
  let after = 1;
  for (const text of output.trimEnd().split("\n")) {
    if (/^(checking|loading|resolving|looking|Total|Net|Packages|:: Proceed| \S+ downloading)|^$/.test(text)) continue;
    // The words of the transcript are those that a person types.
    for (const part of wrapped(text.replace(/pacman --noconfirm /g, "pacman "))) {
      lines.push({ text: part, after });
      after = /^==> (Test-b|B)uild/.test(part) ? 1.5 : 0.2;
    }
  }
}

/** A line as a terminal of this width shows it. */
function wrapped(text: string): readonly string[] {
  const parts = text.match(new RegExp(`.{1,${widest}}`, "g"));
  return parts ?? [""];
}
