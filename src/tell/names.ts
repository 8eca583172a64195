/** Kernels as users know them, `linux 6.6.2-arch1-1`, and times as they say them. */
/** A kernel and the package that it comes from. */
interface NamedKernel {
  readonly release: string;
  readonly arch: string;
  readonly pkgbase?: string | undefined;
}

/**
 * Puts the names of packages before the releases in a text, in place of the architecture that messages have behind them:
 * `6.6.2-arch1-1 (x86_64)` becomes `linux 6.6.2-arch1-1`. Where there are kernels of two architectures, both are named.
 */
export function userNames(kernels: readonly NamedKernel[]): (text: string) => string {
  const areMixed = new Set(kernels.map(({ arch }) => arch)).size > 1;
  const distinct = new Map(kernels.map((kernel) => [`${kernel.release}/${kernel.arch}`, kernel]));
  const names = [...distinct.values()].map(({ release, arch, pkgbase }) => {
    const name = pkgbase === undefined ? release : `${pkgbase} ${release}`;
    const words = new RegExp(`(?:(?<=\\s)kernel )?(?<![^\\s/])${escaped(`${release} (${arch})`)}`, "g");
    return { words, name: areMixed ? `${name} (${arch})` : name };
  });
  return (text) => names.reduce((named, { words, name }) => named.replace(words, () => name), text);
}

/** `0.8 s`, `12 s`, `2 min 40 s`, `1 h 5 min` */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
}

/** As `durationText`, without tenths: `4 s`. For what is known to the second, and for numbers that change while they are read. */
export function wholeDurationText(seconds: number): string {
  return seconds < 9.95 ? `${Math.round(seconds)} s` : durationText(seconds);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
