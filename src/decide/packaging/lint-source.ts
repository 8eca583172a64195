/** Judges a directory of module sources: its dkms.conf and its makefiles. */
import { runningKernelLines } from "../../model/health/health.ts";
import type { ModuleSource, NamedText, PackageFinding } from "../../model/packaging/module-package.ts";
import { deprecations } from "../../model/conf/deprecated.ts";
import { interpretDirectives } from "../../model/conf/directives.ts";
import type { DirectiveName, RawConf } from "../../model/conf/raw-conf.ts";
import { decidingLine } from "./makefile.ts";
import { matchingLines, withoutComments } from "./shell-code.ts";
import { scalar } from "../../model/conf/raw-conf.ts";

/** Findings of one directory; `packageVersion` is the package's, where one is known. */
export function sourceFindings(source: ModuleSource, packageVersion: string | undefined): readonly PackageFinding[] {
  const { conf, raw } = source;
  if (conf === undefined || raw === undefined) return [];
  if (typeof raw === "string") {
    const why = `dkms.conf is shell, and shell of strangers is run in a sandbox only; ${raw}`;
    const fix = "Install bubblewrap, or run this where it works.";
    return [{ path: conf.path, line: 1, severity: "error", code: "unreadable", what: "it was not read", why, fix }];
  }
  const judged = [
    ...judgeErrors(raw),
    ...judgeVersion(raw, packageVersion),
    ...judgeFolder(raw, source.folder),
    ...judgeAutoinstall(raw),
    ...judgeMake(raw),
    ...deprecations(raw).map((name) => ({
      directive: (name.split(" ")[0] ?? name) as DirectiveName,
      severity: "warning" as const,
      code: "deprecated" as const,
      what: `it uses the deprecated directive ${name}`,
      why: "dkms warns of it whenever the module is built by hand",
      fix: "Leave it out.",
    })),
  ];
  const findings = judged.map(({ directive, ...finding }) => ({
    ...finding,
    path: conf.path,
    line: lineOf(directive, conf.text),
  }));
  // In its text: evaluated, the kernel's name stands where uname was asked.
  const running = matchingLines(withoutComments(conf.text), /\buname\s+-r\b/).map(({ line }) => ({
    ...runningFinding,
    path: conf.path,
    line,
    what: "it asks uname which kernel to build for",
  }));
  return [
    ...findings,
    ...running,
    ...makefileFindings(source.makefiles, makeCommands(raw)),
    ...dependencyFindings([conf, ...source.makefiles], raw),
  ];
}

/** `/var/lib/dkms/zfs/`, `$dkms_tree/zfs/`, `$(dkms_tree)/zfs/`: something of another module. */
const otherModule = /(?:\/var\/lib\/dkms|\$[({]?dkms_tree[)}]?)\/([A-Za-z0-9][\w.+-]*)\//;

/** Modules whose results are built against and that BUILD_DEPENDS does not name: whether they are there is left to chance. */
function dependencyFindings(texts: readonly NamedText[], raw: RawConf): readonly PackageFinding[] {
  const declared = [...(raw.directives.get("BUILD_DEPENDS")?.values.values() ?? [])].flatMap((value) =>
    value.split(/\s+/),
  );
  const known = new Set([scalar(raw, "PACKAGE_NAME"), ...declared]);
  return texts.flatMap(({ path, text }) =>
    matchingLines(withoutComments(text), otherModule).flatMap(({ line, text: found }): PackageFinding[] => {
      const name = otherModule.exec(found)?.[1];
      if (name === undefined || known.has(name)) return [];
      known.add(name);
      return [
        {
          path,
          line,
          severity: "warning",
          code: "undeclared-dependency",
          what: `it uses what dkms has built of ${name}, and BUILD_DEPENDS does not name that module`,
          why: "dkms may build both at the same time, or this one first, and then it fails",
          fix: `Write into dkms.conf: BUILD_DEPENDS[0]="${name}"`,
        },
      ];
    }),
  );
}

/** A finding before its line is known, with the directive that it is about: `AUTOINSTALL`, `MAKE[0]`. */
interface Judged extends Omit<PackageFinding, "path" | "line"> {
  readonly directive: string;
}

/** The line where a directive is assigned, with its index where it has one; the first line when nothing of the kind is there. */
function lineOf(directive: string, text: string): number {
  const [, name = directive, index] = /^(\w+)(?:\[(\d+)\])?$/.exec(directive) ?? [];
  const find = (pattern: string): number | undefined =>
    matchingLines(withoutComments(text), new RegExp(pattern))[0]?.line;
  return (
    (index === undefined ? undefined : find(`\\b${name}\\[${index}\\]=`)) ??
    find(`\\b${name}(\\[\\d*\\])?\\+?=`) ??
    find("\\bPACKAGE_NAME=") ??
    1
  );
}

/** A word that a PKGBUILD replaces: `@PKGVER@`, `#MODULE_VERSION#`, `__VERSION_STRING`. */
const placeholder = /^([@#%].*[@#%]|__.*)$/;

function judgeErrors(raw: RawConf): readonly Judged[] {
  return interpretDirectives(raw).errors.map((what) => {
    const directive = /\b([A-Z_]+(?:\[\d+\])?)/.exec(what)?.[1] ?? "PACKAGE_NAME";
    const isDestination = directive.startsWith("DEST_MODULE_LOCATION");
    return {
      directive,
      severity: "error",
      code: isDestination ? "destination" : "conf-invalid",
      what: what.replace(/\.$/, ""),
      why: isDestination
        ? "dkms refuses such a conf, also where the distribution has a directory of its own for all modules"
        : "dkms refuses the module because of it",
      fix: isDestination ? `Write: ${directive}="/kernel/drivers/misc"` : "See dkms.conf(5).",
    };
  });
}

function judgeVersion(raw: RawConf, packageVersion: string | undefined): readonly Judged[] {
  const version = scalar(raw, "PACKAGE_VERSION");
  if (packageVersion === undefined || version === "" || placeholder.test(version)) return [];
  if (sameVersion(version, packageVersion)) return [];
  return [
    {
      directive: "PACKAGE_VERSION",
      severity: "error",
      code: "version-differs",
      what: `PACKAGE_VERSION is ${version}, and the package's version is ${packageVersion}`,
      why: "two releases of the package with one PACKAGE_VERSION are one and the same to dkms, and the new one is not built",
      fix: 'Keep it in one place: PACKAGE_VERSION="@PKGVER@" in dkms.conf, and in package(): sed -i "s/@PKGVER@/$pkgver/"',
    },
  ];
}

/** pacman knows no hyphens in versions; a suffix such as `_OSE` is the packager's own. */
function sameVersion(version: string, packageVersion: string): boolean {
  const [ours = "", theirs = ""] = [version, packageVersion].map((text) => text.replaceAll("-", "_"));
  return ours === theirs || ours.startsWith(`${theirs}_`);
}

function judgeFolder(raw: RawConf, folder: string | undefined): readonly Judged[] {
  const [name, version] = [scalar(raw, "PACKAGE_NAME"), scalar(raw, "PACKAGE_VERSION")];
  if (folder === undefined || name === "" || version === "" || folder === `${name}-${version}`) return [];
  return [
    {
      directive: "PACKAGE_NAME",
      severity: "error",
      code: "folder-name",
      what: `the sources lie in /usr/src/${folder}, and the conf says ${name}-${version}`,
      why: "dkms add looks for a module in /usr/src/NAME-VERSION, and hooks of other programs take name and version from the directory",
      fix: `Install them into /usr/src/${name}-${version}`,
    },
  ];
}

function judgeAutoinstall(raw: RawConf): readonly Judged[] {
  if (/^yes$/i.test(scalar(raw, "AUTOINSTALL"))) return [];
  return [
    {
      directive: "AUTOINSTALL",
      severity: "warning",
      code: "not-autoinstalled",
      what: raw.directives.has("AUTOINSTALL") ? "AUTOINSTALL is not yes" : "AUTOINSTALL is missing",
      why: "the module is not built by dkms autoinstall, nor by hooks that respect it, for the kernels that come later",
      fix: 'Write: AUTOINSTALL="yes"',
    },
  ];
}

function judgeMake(raw: RawConf): readonly Judged[] {
  return Array.from(raw.directives.get("MAKE")?.values ?? []).flatMap(([index, command]) => {
    const directive = `MAKE[${index}]`;
    return ownJobs.test(command)
      ? [{ ...jobsFinding, directive, what: `${directive} sets the number of jobs itself` }]
      : [];
  });
}

/** `make -j8`, `$(MAKE) -j $(nproc)`, `make foo --jobs=4` */
const ownJobs = /(?:\bmake\b|\$[({]MAKE[)}])[^;&|]*\s(?:-j|--jobs\b)/;

const jobsFinding = {
  severity: "warning",
  code: "own-jobs",
  why: "dkms already shares the processors among all builds that run; on top of that it makes more compilers than the machine has memory for",
  fix: "Take -j out.",
} as const;

const runningFinding = {
  severity: "error",
  code: "running-kernel",
  why: "the module is built for the kernel that runs, whichever kernel it was wanted for",
  fix: 'Hand the kernel over: MAKE[0]="make -C $kernel_source_dir M=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build"',
} as const;

/** Without a command of its own a module is built from within the kernel's build system, where such lines decide nothing. */
function makefileFindings(makefiles: readonly NamedText[], commands: readonly string[]): readonly PackageFinding[] {
  const deciding = decidingLine(
    makefiles.flatMap(({ path, text }) => runningKernelLines(path, text)),
    commands,
  );
  const jobs = makefiles.flatMap(({ path, text }) =>
    matchingLines(withoutComments(text), ownJobs).map(({ line }): PackageFinding => ({
      ...jobsFinding,
      path,
      line,
      what: "it sets the number of jobs itself",
    })),
  );
  if (deciding === undefined) return jobs;
  const { path, line } = deciding;
  return [...jobs, { ...runningFinding, path, line, what: "it asks uname which kernel to build for" }];
}

function makeCommands(raw: RawConf): readonly string[] {
  return [...(raw.directives.get("MAKE")?.values.values() ?? [])].filter((command) => command !== "");
}
