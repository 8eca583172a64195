/** The hook programs that work on the targets of a transaction. */

/** The name of a hook program. */
export type HookName = "dkms-install" | "dkms-remove";
