/** Boots a kernel in an emulated machine, without help of the processor: /dev/kvm is neither needed nor used. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is booted: files as the host sees them. */
export interface BootOrder {
  readonly kernel: string;
  readonly image: string;
  /** The program in the image that the kernel starts. */
  readonly init: string;
}

const limitSeconds = 1800;

/** Boots, waits until the machine switches itself off, and gives what its serial console has said; throws with that when it does not end in time. */
export function boot({ kernel, image, init }: BootOrder): string {
  const folder = mkdtempSync(join(tmpdir(), "dkms-alpm-boot-"));
  const console = join(folder, "console");
  try {
    const machine = "-accel tcg -cpu max -smp 1 -m 512 -nodefaults -no-user-config -display none -no-reboot".split(" ");
    const words = `console=ttyS0 rdinit=${init} panic=-1`;
    const files = ["-kernel", kernel, "-initrd", image, "-append", words, "-serial", `file:${console}`];
    const { status, signal, stderr, error } = spawnSync("qemu-system-x86_64", [...machine, ...files], {
      encoding: "utf8",
      timeout: limitSeconds * 1000,
      killSignal: "SIGKILL",
    });
    const said = readFileSync(console, "utf8");
    if (status !== 0)
      throw new Error(`the emulator ended by ${signal ?? status} ${error?.message ?? ""}:\n${stderr}\n${said}`);
    return said;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
