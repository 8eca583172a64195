/** Judges where a package puts its files. */
import type { ModulePackage, PackageFinding } from "../../model/packaging/module-package.ts";
import { matchingLines, withoutComments } from "./shell-code.ts";

/** What belongs beside the sources: documents and settings that concern the module, none of which a build reads. */
const usual =
  /^(usr\/src\/|usr\/share\/(licenses|doc|man|help)\/|(usr\/lib|etc)\/(modprobe|modules-load|depmod|sysctl|tmpfiles|sysusers)\.d\/|(usr\/lib|etc)\/udev\/|usr\/lib\/(systemd|firmware)\/)/;

/** Findings of the paths that a built package has, or that a PKGBUILD names below $pkgdir. */
export function fileFindings(subject: ModulePackage): readonly PackageFinding[] {
  const { path, files, description, sources } = subject;
  if (description?.kind === "recipe") return recipePaths(description.file);
  const misplaced = files.flatMap((file) => pathFindings(file, path, undefined));
  if (description === undefined || sources.some(({ conf }) => conf !== undefined)) return misplaced;
  const none: PackageFinding = {
    path,
    line: undefined,
    severity: "error",
    code: "no-conf",
    what: "it has no /usr/src/NAME-VERSION/dkms.conf",
    why: "by that file hooks know that there is a module to build; without it nothing happens",
    fix: "Install the sources with their dkms.conf into /usr/src/NAME-VERSION.",
  };
  return [none, ...misplaced];
}

function recipePaths(file: { readonly path: string; readonly text: string }): readonly PackageFinding[] {
  const words = /\$\{?pkgdir\}?["']?\/+([^\s"';&|)]+)/;
  return matchingLines(withoutComments(file.text), words).flatMap(({ line, text }) => {
    const target = (words.exec(text)?.[1] ?? "").replace(/\/+$/, "");
    // `install -d "$pkgdir/usr/src"` and the like; and where a variable leads is not known.
    return /^usr(\/(src|share|lib))?$|^\$/.test(target) ? [] : pathFindings(target, file.path, line);
  });
}

function pathFindings(file: string, path: string, line: number | undefined): readonly PackageFinding[] {
  if (/\.ko(\.(gz|xz|zst))?$/.test(file) || /^(usr\/)?lib\/modules\//.test(file)) {
    return [
      {
        path,
        line,
        severity: "error",
        code: "built-module",
        what: `it brings /${file}`,
        why: "a built module fits one kernel only and is in the way of the one that dkms builds",
        fix: "Leave it out: the package brings sources, and each machine builds them for its kernels.",
      },
    ];
  }
  if (usual.test(`${file}/`)) return [];
  return [
    {
      path,
      line,
      severity: "warning",
      code: "outside-source",
      what: `it brings /${file}`,
      why: "all that a build reads has to lie in /usr/src/NAME-VERSION, where test builds of an upgrade find it; what it does not read belongs to another package",
      fix: "Put it into /usr/src/NAME-VERSION, or into a package of its own.",
    },
  ];
}
