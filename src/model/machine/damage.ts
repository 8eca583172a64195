/** What has become of an installed pair's files since they were put in place: a rollback, a person or another program may have changed them. */

/** The first file that is not as it was left. */
export interface Damage {
  /** `kernel`: the installed object, which can be put back. `result`: what was built, which has to be built again. */
  readonly part: "kernel" | "result";
  /** `renewed`: a module of the kernel's own to which an object gave way is another file now. */
  readonly kind: "missing" | "altered" | "renewed";
  /** Absolute path. */
  readonly path: string;
}

/** `/usr/lib/modules/6.6.1/updates/dkms/zfs.ko is missing` */
export function damageWords({ kind, path }: Damage): string {
  switch (kind) {
    case "missing":
      return `${path} is missing`;
    case "altered":
      return `${path} has been changed since it was installed`;
    case "renewed":
      return `the kernel's own module ${path} has changed`;
  }
}
