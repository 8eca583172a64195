/** Dependencies between packages, `dkms>=3`, and what satisfies them. */
import { vercmp } from "./vercmp.ts";

/** A dependency, or what a package provides (then the relation is `=` or there is none). */
export interface Dependency {
  readonly name: string;
  readonly relation?: "<" | "<=" | "=" | ">=" | ">";
  readonly version?: string;
}

/** What can satisfy a dependency. */
export interface Satisfier {
  readonly name: string;
  readonly version: string;
  readonly provides: readonly Dependency[];
}

/** Parses `name`, `name>=version`, and an optional dependency's `name: why`. */
export function parseDependency(text: string): Dependency {
  const bare = text.replace(/: .*$/s, "").trim();
  const [, name = bare, relation, version] = /^([^<>=]*)(<=|>=|<|>|=)(.*)$/s.exec(bare) ?? [];
  if (!isRelation(relation)) return { name };
  return { name, relation, version: version ?? "" };
}

/** Writes a dependency as packages have it. */
export function printDependency({ name, relation, version }: Dependency): string {
  return `${name}${relation ?? ""}${version ?? ""}`;
}

/** Whether a package satisfies a dependency, by its name or by what it provides; a provision without version satisfies only a dependency without. */
export function satisfies(satisfier: Satisfier, wanted: Dependency): boolean {
  if (satisfier.name === wanted.name && versionFits(satisfier.version, wanted)) return true;
  return satisfier.provides.some((provided) => {
    if (provided.name !== wanted.name) return false;
    if (wanted.relation === undefined) return true;
    return provided.relation === "=" && versionFits(provided.version ?? "", wanted);
  });
}

function versionFits(version: string, { relation, version: bound }: Dependency): boolean {
  if (relation === undefined) return true;
  const order = vercmp(version, bound ?? "");
  switch (relation) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
  }
}

function isRelation(text: string | undefined): text is NonNullable<Dependency["relation"]> {
  return text === "<" || text === "<=" || text === "=" || text === ">=" || text === ">";
}
