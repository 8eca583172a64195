/** Rows that take an hour each: what people wait for longest, ZFS and NVIDIA's open modules, alone and beside small ones. Each is measured by a process of its own. */
import type { ModulePackageSpec } from "../e2e/module-packages.ts";

/** A module of a row. */
export interface LargeModule extends Pick<ModulePackageSpec, "edits"> {
  /** The Debian package without `-dkms`. */
  readonly name: string;
  /** Shell text that builds it by hand, in a copy of its source, with `$headers` and `$release`. */
  readonly commands: string;
}

/** What a row measures. */
export interface LargeRow {
  readonly modules: readonly LargeModule[];
  /** How many kernels, the newest of those whose releases begin like this. */
  readonly kernels: number;
  readonly series: string;
}

/** Debian's packages as they are configured by their own dkms.conf. */
const zfs: LargeModule = {
  name: "zfs",
  commands:
    './configure --disable-dependency-tracking --prefix=/usr --with-config=kernel --with-linux="$headers" ' +
    '--with-linux-obj="$headers" --enable-linux-experimental && make',
};
const nvidia: LargeModule = {
  name: "nvidia-open-kernel",
  commands: 'NV_VERBOSE=1 make modules KERNEL_UNAME="$release"',
  // An argument that kernels of today ask for, 6.12 among them, is not in 550.163.01.
  edits: { "nvidia/nv-pci.c": [["NV_GPU_BAR1, requested_size)", "NV_GPU_BAR1, requested_size, 0)"]] },
};
const small: readonly LargeModule[] = [
  { name: "v4l2loopback", commands: 'make KERNEL_DIR="$headers" v4l2loopback' },
  { name: "vhba", commands: 'make -C "$headers" M="$PWD"' },
];

/** NVIDIA's modules of the suite are older than its newest kernel. */
export const stable = "6.12.";
const together = [zfs, nvidia, ...small];

/** By the names that `scripts/bench --row` takes. */
export const largeRows: Readonly<Record<string, LargeRow>> = {
  small: { modules: small, kernels: 1, series: stable },
  zfs: { modules: [zfs], kernels: 1, series: "" },
  "zfs-2": { modules: [zfs], kernels: 2, series: "" },
  nvidia: { modules: [nvidia], kernels: 1, series: stable },
  "nvidia-2": { modules: [nvidia], kernels: 2, series: stable },
  together: { modules: together, kernels: 1, series: stable },
  "together-2": { modules: together, kernels: 2, series: stable },
};
