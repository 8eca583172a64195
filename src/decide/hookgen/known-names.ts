/** Whether the packages that a hook is to be for are known here; a hook for a name that is mistyped never runs, and nobody notices. Pure. */

/** What there is to say of the names. */
export interface NameCheck {
  /** Why no hook is written, one sentence each. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks names of module packages and kernel packages against what pacman knows. */
export function checkNames(
  names: { readonly modules: readonly string[]; readonly kernels: readonly string[] },
  known: { readonly installed: ReadonlySet<string> | undefined; readonly offered: ReadonlySet<string> },
  nearest: (word: string, known: readonly string[]) => string | undefined,
): NameCheck {
  const { installed, offered } = known;
  if (installed === undefined) return { refusals: [], warnings: [] };
  const isKnown = (name: string): boolean => installed.has(name) || offered.has(name);
  const refusals: string[] = [];
  const warnings: string[] = [];
  const all = [...new Set([...installed, ...offered])];
  const unknown = (name: string, candidates: readonly string[]): void => {
    const found = nearest(name, candidates);
    const meant = found === undefined ? "" : ` Did you mean ${found}?`;
    if (offered.size > 0 || found !== undefined) refusals.push(`pacman knows no package ${name}.${meant}`);
    else warnings.push(`${name} is not installed, and there is no sync database to look it up in.`);
  };
  for (const name of names.modules) {
    const dkms = `${name}-dkms`;
    if (!name.includes("-dkms") && isKnown(dkms))
      refusals.push(`${name} is no package of a DKMS module. Did you mean ${dkms}?`);
    else if (!isKnown(name)) {
      if (name.includes("-dkms"))
        unknown(
          name,
          all.filter((other) => other.includes("-dkms")),
        );
      else refusals.push(`pacman knows no package ${name}. Did you mean ${dkms}?`);
    }
  }
  for (const name of names.kernels)
    if (!isKnown(name))
      unknown(
        name,
        all.filter((other) => other.startsWith("linux") || isKnown(`${other}-headers`)),
      );
  return { refusals, warnings };
}
