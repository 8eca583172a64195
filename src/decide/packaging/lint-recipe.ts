/** Judges what a PKGBUILD or a .PKGINFO says of the package. */
import type { Description, PackageFacts, PackageFinding } from "../../model/packaging/module-package.ts";
import { scriptFindings } from "./lint-scripts.ts";
import { matchingLines, withoutComments } from "./shell-code.ts";

/** Findings of the description alone. */
export function recipeFindings({ kind, file, facts }: Description): readonly PackageFinding[] {
  const scripts = kind === "recipe" ? scriptFindings(file) : [];
  if (typeof facts === "string") {
    const unreadable: PackageFinding = {
      path: file.path,
      line: Number(/line (\d+):/.exec(facts)?.[1] ?? 0) || undefined,
      severity: "error",
      code: "unreadable",
      what: `it cannot be read: ${facts}`,
      why: "makepkg reads it the same way",
      fix: "Try: bash -n PKGBUILD",
    };
    return [unreadable, ...scripts];
  }
  const find = (pattern: RegExp): number | undefined => matchingLines(withoutComments(file.text), pattern)[0]?.line;
  return [
    ...nameFindings(facts).map((finding) => ({ ...finding, path: file.path, line: find(/^\s*pkgname\b/) })),
    ...dependencyFindings(facts).map(({ word, ...finding }) => ({
      ...finding,
      path: file.path,
      line:
        (word === undefined ? undefined : find(wordPattern(word))) ??
        find(/^\s*(make)?depends?\b/) ??
        find(/^\s*pkgname\b/),
    })),
    ...(kind === "recipe" ? literalVersions(file, facts) : []),
    ...scripts,
  ];
}

type Judged = Omit<PackageFinding, "path" | "line">;

function nameFindings({ names }: PackageFacts): readonly Judged[] {
  if (names.some((name) => /-dkms(-(git|hg|svn|bzr|beta|bin))?$/.test(name))) return [];
  return [
    {
      severity: "warning",
      code: "package-name",
      what: `the package is called ${names.join(", ")}`,
      why: "packages of module sources are named MODULE-dkms, and users look for that name",
      fix: `Call it ${names[0]}-dkms.`,
    },
  ];
}

function dependencyFindings({
  depends,
  makeDepends,
}: PackageFacts): readonly (Judged & { word: string | undefined })[] {
  const found: (Judged & { word: string | undefined })[] = [];
  if (!depends.some((name) => /^dkms([<>=]|$)/.test(name))) {
    found.push({
      word: undefined,
      severity: "error",
      code: "no-dkms-dependency",
      what: "it does not depend on dkms",
      why: "on a machine without dkms its sources would lie there and never be built",
      fix: "Write: depends=(dkms)",
    });
  }
  for (const word of [...depends, ...makeDepends].filter((name) => /^linux[\w.-]*-headers([<>=]|$)/.test(name))) {
    found.push({
      word,
      severity: depends.includes(word) ? "error" : "warning",
      code: "headers-dependency",
      what: `it depends on ${word}`,
      why: "it forces the headers of one kernel on users of another one; which headers are needed is known from the kernels that are installed",
      fix: "Take it out: dkms names the headers as optional dependencies.",
    });
  }
  return found;
}

/** Paths below /usr/src in which the version stands as digits. */
function literalVersions(file: Description["file"], { version }: PackageFacts): readonly PackageFinding[] {
  return matchingLines(withoutComments(file.text), /usr\/src\//)
    .filter(({ text }) => text.includes(`-${version}`))
    .map(({ line }) => ({
      path: file.path,
      line,
      severity: "warning",
      code: "literal-version",
      what: `the version ${version} stands there a second time`,
      why: "at the next release one of the two will be forgotten, and the sources lie where dkms.conf does not say that they are",
      fix: 'Write "$pkgver" instead.',
    }));
}

function wordPattern(word: string): RegExp {
  return new RegExp(`\\b${word.replaceAll(/[^\w-]/g, "\\$&")}(?![\\w-])`);
}
