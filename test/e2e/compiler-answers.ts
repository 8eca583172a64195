/**
 * What Kbuild asks the compiler at the start of every build, some thirty times whether it knows an option, is asked once for a kernel and written down beside its
 * headers: three quarters of the time that a tiny module takes. Everything else of a build is as the kernel's own makefiles have it.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { need } from "./command.ts";

/** Replaces the questions of scripts/Makefile.compiler; an option that is not written down is still asked for. */
const remembering = `
-include compiler-answers.mk
answer-key = $(subst $(space),_,$(strip $(1)))
answer-known = $(if $(filter $(CC),$(answers-of)),$(if $(filter $(1),$(answers-y)),y,$(if $(filter $(1),$(answers-n)),n)))
answer-asked = $(call answer-told,$(answer-key),$(call try-run,\\
	$(CC) -Werror $(KBUILD_CPPFLAGS) $(KBUILD_CFLAGS) $(1) -c -x c /dev/null -o "$$TMP",y,n))
answer-told = $(2)$(if $(ANSWERS),$(shell echo '$(CC) $(2) $(1)' >>$(ANSWERS)))
answer = $(or $(call answer-known,$(answer-key)),$(call answer-asked,$(1)))
cc-option = $(if $(filter y,$(call answer,$(1))),$(1),$(2))
cc-option-yn = $(call answer,$(1))
cc-disable-warning = $(if $(filter y,$(call answer,-W$(strip $(1)))),-Wno-$(strip $(1)))
`;

/** Makes a kernel's makefiles (the folder `scripts` of its source) use what is written down. */
export function useAnswers(scripts: string): void {
  const file = join(scripts, "Makefile.compiler");
  const text = readFileSync(file, "utf8");
  // A new file: the old one may be a hard link to the archive's.
  rmSync(file);
  writeFileSync(file, text + remembering);
}

/** Builds a module with a kernel's headers (their folder `build`), and writes down there what the compiler was asked. */
export async function writeAnswers(build: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-answers-"));
  try {
    const [module, asked] = [join(folder, "module"), join(folder, "asked")];
    mkdirSync(module);
    writeFileSync(join(module, "Makefile"), "obj-m := asks.o\n");
    writeFileSync(join(module, "asks.c"), '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n');
    writeFileSync(asked, "");
    await need(["make", "-C", build, `M=${module}`, `ANSWERS=${asked}`, "modules"]);
    const answers = readFileSync(asked, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    const keys = (verdict: string): string =>
      [...new Set(answers.filter(([, told]) => told === verdict).map(([, , key]) => key))].join(" ");
    const compiler = answers[0]?.[0] ?? "";
    const lines = [`answers-of := ${compiler}`, `answers-y := ${keys("y")}`, `answers-n := ${keys("n")}`];
    writeFileSync(join(build, "compiler-answers.mk"), `${lines.join("\n")}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
