/** Completion in the real shells: commands, options, kernels, and the modules in the state that a command wants. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CommandResult } from "./command.ts";
import { projectMachine } from "./project-package.ts";

const machine = await projectMachine();
test.after(() => machine.dispose());

/** One module in each state; `fresh` lies in the source tree only. */
const modules = { placed: "installed", made: "built", known: "registered" } as const;
for (const name of ["placed", "made", "known", "fresh"]) {
  machine.write(`/usr/src/${name}-1.0/dkms.conf`, `PACKAGE_NAME=${name}\nPACKAGE_VERSION="1.0"\n`);
}
machine.write("/usr/src/odd-2.0-rc1/dkms.conf", "PACKAGE_NAME='odd'\nPACKAGE_VERSION='2.0-rc1'\n");
for (const [name, state] of Object.entries(modules)) {
  const entry = `/var/lib/dkms/${name}/1.0`;
  await machine.need(["mkdir", "-p", entry]);
  await machine.need(["ln", "-s", `/usr/src/${name}-1.0`, `${entry}/source`]);
  if (state === "registered") continue;
  machine.write(`${entry}/6.1.1-arch1/x86_64/module/${name}.ko`, "");
  if (state === "built") continue;
  await machine.need(["ln", "-s", "1.0/6.1.1-arch1/x86_64", `/var/lib/dkms/${name}/kernel-6.1.1-arch1-x86_64`]);
}
for (const release of ["6.1.1-arch1", "6.6.1-lts"]) machine.write(`/usr/lib/modules/${release}/modules.order`, "");
machine.write("/usr/lib/modules/6.6.1-lts/pkgbase", "linux-lts\n");
machine.write("/var/lib/pacman/local/zfs-dkms-2.2.2-1/desc", "%NAME%\nzfs-dkms\n");
// Nothing of a name is ever run by a shell.
machine.write("/usr/src/evil$(touch mark)-1/dkms.conf", "PACKAGE_VERSION=1\n");
machine.write("/other/src/elsewhere-3/dkms.conf", "PACKAGE_VERSION=3\n");

const evil = "evil$(touch mark)/1";
const everything = [evil, "fresh/1.0", "known/1.0", "made/1.0", "odd/2.0-rc1", "placed/1.0"];
const registered = ["known/1.0", "made/1.0", "placed/1.0"];

/** A line up to the cursor, and what is offered there; `some` when more is. */
interface Row {
  readonly line: string;
  readonly offered: readonly string[];
  readonly some?: "more";
}

const rows: readonly Row[] = [
  { line: "dkms rem", offered: ["remove"] },
  { line: "dkms ", offered: ["add", "build", "doctor", "install", "ldtarball", "prune", "status"], some: "more" },
  { line: "dkms remove ", offered: registered },
  { line: "dkms status ", offered: registered },
  { line: "dkms install ", offered: everything },
  { line: "dkms add fr", offered: ["fresh/1.0"] },
  { line: "dkms uninstall ", offered: ["placed/1.0"] },
  { line: "dkms unbuild ", offered: ["made/1.0", "placed/1.0"] },
  { line: "dkms -k 6.1.1-arch1 uninstall ", offered: ["placed/1.0"] },
  { line: "dkms install fresh/1.0 -k ", offered: ["6.1.1-arch1", "6.6.1-lts"] },
  { line: "dkms install fresh/1.0 --kernelver 6.6", offered: ["6.6.1-lts"] },
  { line: "dkms build -m odd -v ", offered: ["2.0-rc1"] },
  { line: "dkms --sourcetree /other/src --dkmstree /other/tree add ", offered: ["elsewhere/3"] },
  { line: "dkms remove --kern", offered: ["--kernelsourcedir", "--kernelver"] },
  { line: "dkms remove --fo", offered: ["--force", "--force-version-override"] },
  { line: "dkms ldtarball /usr/lib/dkms-alpm/run-h", offered: ["run-hook"] },
  { line: "dkms-hookgen zf", offered: ["zfs-dkms"] },
  { line: "dkms-hookgen zfs-dkms ", offered: ["linux-lts"] },
  { line: "dkms-hookgen --generator ", offered: ["booster", "dracut", "mkinitcpio"] },
  { line: "dkms-pkgbuild ", offered: ["lint", "new"] },
  { line: "dkms-pkgbuild lint --js", offered: ["--json"] },
];

/** What each shell offers at the end of a line, sorted, without what it would put behind a word. */
const shells = { bash: inBash, zsh: inZsh, fish: inFish };

for (const [shell, complete] of Object.entries(shells)) {
  for (const { line, offered, some } of rows) {
    test(`${shell}: ${line}`, async () => {
      const found = await complete(line);
      if (some === "more")
        assert.equal(
          offered.filter((word) => !found.includes(word)),
          [],
          found.join(" "),
        );
      else assert.equal(found, [...offered].toSorted());
      assert.not.ok(found.includes("kernel_prerm"), "what is hidden is not offered");
    });
  }
}

test("nothing of a name was run", async () => {
  assert.is((await machine.run(["find", "/root", "/", "-maxdepth", "1", "-name", "mark*"])).stdout, "");
});

test("fifty modules for three kernels are listed in less than 100 ms of processor time", async () => {
  for (let number = 0; number < 50; number += 1) {
    const entry = `/var/lib/dkms/many${number}`;
    for (const release of ["a", "b", "c"]) machine.write(`${entry}/1.0/${release}/x86_64/module/many.ko`, "");
    machine.write(`/usr/src/many${number}-1.0/dkms.conf`, `PACKAGE_VERSION=1.0\n`);
    const links = ["a", "b", "c"].map((release) => `ln -s 1.0/${release}/x86_64 ${entry}/kernel-${release}-x86_64`);
    await machine.need(["sh", "-ec", `ln -s /usr/src/many${number}-1.0 ${entry}/1.0/source; ${links.join("; ")}`]);
  }
  for (const kind of ["source", "installed", "built", "kernel"]) {
    const script = `TIMEFORMAT="%U %S"; for i in 1 2 3 4 5; do time /usr/lib/dkms-alpm/candidates ${kind} >/dev/null; done`;
    const { stderr } = await machine.run(["bash", "-c", script]);
    const times = [...stderr.matchAll(/^([\d.]+) ([\d.]+)$/gm)].map(
      ([, user, system]) => Number(user) + Number(system),
    );
    assert.is(times.length, 5, stderr);
    assert.ok(Math.min(...times) < 0.1, `${kind}: ${times.join(" ")} seconds`);
  }
});

async function inBash(line: string): Promise<readonly string[]> {
  // Words as readline splits them; the last one is empty behind a blank.
  const script = `
read -ra words <<<"$1"; [[ $1 != *" " ]] || words+=("")
program=\${words[0]##*/}
. "/usr/share/bash-completion/completions/$program"
COMP_WORDS=("\${words[@]}") COMP_CWORD=$((\${#words[@]} - 1)) COMP_LINE=$1 COMP_POINT=\${#1}
spec=$(complete -p "$program"); spec=\${spec#*-F }
compopt() { :; }
"\${spec%% *}"
for word in "\${COMPREPLY[@]}"; do eval "printf '%s\\n' \${word}"; done
`;
  return sorted(await machine.run(["bash", "-c", script, "bash", line]));
}

/** zsh completes only in an interactive shell on a terminal: one is started, and what it would add is written to a file. */
async function inZsh(line: string): Promise<readonly string[]> {
  const setup = `
autoload -U compinit && compinit -u -d /tmp/zsh-completions
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  typeset -a hits; builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- \${(Q)hits} >>/tmp/hits
  builtin compadd "$@"
}
finished() { print done >>/tmp/finished }
complete-and-tell() { zle complete-word; finished }
zle -C complete-word complete-word _main_complete
zle -N complete-and-tell
bindkey '^I' complete-and-tell
unsetopt beep
PROMPT=ready
`;
  machine.write("/tmp/setup.zsh", setup);
  for (const name of ["/tmp/hits", "/tmp/finished"]) machine.remove(name);
  const script = `
zmodload zsh/zpty
zpty shell 'fpath=(/usr/share/zsh/site-functions $fpath) zsh -f -i'
zpty -w shell 'fpath=(/usr/share/zsh/site-functions $fpath); source /tmp/setup.zsh; print set-up-done'
while zpty -r shell text '*set-up-done*ready*'; do break; done
zpty -w -n shell "$1"$'\\t'
for i in {1..30000}; do [[ -e /tmp/finished ]] && break; sleep 0.02; zpty -r -t shell text; done
zpty -d shell
cat /tmp/hits 2>/dev/null
`;
  return sorted(await machine.run(["zsh", "-f", "-c", script, "zsh", line], { timeout: 60 }));
}

let fromFish: Promise<ReadonlyMap<string, string>> | undefined;

/** One fish answers for all lines: it takes long to start. */
async function inFish(line: string): Promise<readonly string[]> {
  fromFish ??= (async () => {
    // It completes nothing that is not on PATH.
    const script = "set PATH $PATH /usr/lib/dkms-alpm/bin; for line in $argv; complete -C $line; printf '\\0'; end";
    const lines = rows.map((row) => row.line);
    const parts = (await machine.need(["fish", "-c", script, ...lines])).split("\0");
    return new Map(lines.map((asked, index) => [asked, parts[index] ?? ""]));
  })();
  return sorted({ stdout: ((await fromFish).get(line) ?? "").replaceAll(/\t.*$/gm, "") });
}

function sorted({ stdout }: Pick<CommandResult, "stdout">): readonly string[] {
  const words = stdout.split("\n").filter((word) => word !== "");
  return [...new Set(words.map((word) => word.replace(/=$/, "").replace(/^\/.*\//, "")))].toSorted();
}

test.run();
