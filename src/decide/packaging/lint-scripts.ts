/** Judges PKGBUILDs and install scriptlets: modules are built, indexed and loaded by hooks and by the user, not by packages. */
import type { NamedText, PackageFinding } from "../../model/packaging/module-package.ts";
import { matchingLines, shellCode, withoutComments } from "./shell-code.ts";

/** Programs whose work is the hooks', where a command can stand. */
const forbidden =
  /(?:^|[;&|({]|\b(?:then|do|else|exec|!))\s*(?:\/(?:usr\/)?s?bin\/)?(dkms|depmod|modprobe|insmod|rmmod|mkinitcpio|dracut|booster)(?![\w./-])/;

/** Findings in a text of shell that makepkg or pacman runs. */
export function scriptFindings(file: NamedText): readonly PackageFinding[] {
  const commands = matchingLines(shellCode(file.text), forbidden).map(({ line, text }): PackageFinding => {
    const program = forbidden.exec(text)?.[1] ?? "";
    return {
      path: file.path,
      line,
      severity: "error",
      code: "dkms-command",
      what: `${program} is run`,
      why: whyNot(program),
      fix: "Delete the line.",
    };
  });
  const running = matchingLines(withoutComments(file.text), /\buname\s+-r\b/).map(({ line }): PackageFinding => ({
    path: file.path,
    line,
    severity: "error",
    code: "running-kernel",
    what: "it asks for the kernel that runs",
    why: "that is the kernel of whoever makes or installs the package, not the one that the module is for; in a build container it is none of both",
    fix: "Delete it: DKMS hands every build the kernel that it is for.",
  }));
  return [...commands, ...running];
}

function whyNot(program: string): string {
  switch (program) {
    case "dkms":
    case "depmod":
      return "pacman's hooks do that once for all packages of a transaction, after all of their files are in place";
    case "modprobe":
    case "insmod":
    case "rmmod":
      return "whether and when a module is loaded is for the administrator to say; after a kernel upgrade it cannot even be loaded before a reboot";
    default:
      return "hooks write the boot images once, at the end of the transaction, when the modules are built";
  }
}
