/** Which machine the objects of a kernel are made for, by the kernel's architecture as uname(1) tells it. Numbers: `e_machine` in elf.h. */
import type { ElfObject } from "./elf-object.ts";

interface Machine {
  readonly numbers: readonly number[];
  readonly bits?: ElfObject["bits"];
  readonly order?: ElfObject["order"];
}

/** A kernel of 64 bits tells programs of 32 bits that its machine is one of 32: both are right for the names of those. */
const machines: readonly (readonly [names: RegExp, machine: Machine])[] = [
  [/^(x86_64|amd64)$/, { numbers: [62], order: "little" }],
  [/^i[3-6]86$/, { numbers: [3, 62], order: "little" }],
  [/^(aarch64|arm64)$/, { numbers: [183], bits: 64 }],
  [/^arm/, { numbers: [40, 183] }],
  [/^riscv64$/, { numbers: [243], bits: 64 }],
  [/^riscv32$/, { numbers: [243] }],
  [/^(ppc64le|ppc64el)$/, { numbers: [21], order: "little" }],
  [/^ppc64$/, { numbers: [21], order: "big" }],
  [/^ppc$/, { numbers: [20, 21] }],
  [/^s390x?$/, { numbers: [22], order: "big" }],
  [/^loongarch/, { numbers: [258], order: "little" }],
  [/^mips/, { numbers: [8] }],
  [/^sparc/, { numbers: [2, 18, 43] }],
];

/** Whether an object can be one of a kernel of this architecture; undefined for an architecture that is not known here. */
export function fitsMachine({ machine, bits, order }: ElfObject, arch: string): boolean | undefined {
  const known = machines.find(([names]) => names.test(arch))?.[1];
  if (known === undefined) return undefined;
  if (!known.numbers.includes(machine)) return false;
  return (known.bits ?? bits) === bits && (known.order ?? order) === order;
}
