/**
 * System calls that no build makes, refused by a filter (seccomp(2)): what is shared with the whole machine and not by a namespace. The program is
 * classic BPF as in linux/filter.h: 8 bytes an instruction, over `struct seccomp_data { int nr; u32 arch; u64 ip; u64 args[6]; }`.
 */
import { endianness } from "node:os";

/** Numbers of linux/audit.h and of the system call table of one architecture; `socket` has its family checked. */
interface Table {
  readonly arch: number;
  readonly refused: readonly number[];
  readonly socket: number;
}

// In this order: add_key, request_key and keyctl, since the caller's session keyring is inherited and its keys are then possessed; syslog, the log of
// the kernel; bpf, perf_event_open, userfaultfd and io_uring_setup, large parts of the kernel that compilers have no use for.
const x86 = { arch: 0xc000_003e, refused: [248, 249, 250, 103, 321, 298, 323, 425], socket: 41 };
// Last here: socketcall, whose family a filter cannot see.
const i386 = { arch: 0x4000_0003, refused: [286, 287, 288, 103, 357, 336, 374, 425, 102], socket: 359 };
const generic = { refused: [217, 218, 219, 116, 280, 241, 282, 425], socket: 198 };
const arm = { arch: 0x4000_0028, refused: [309, 310, 311, 103, 386, 364, 388, 425], socket: 281 };
const tables: readonly Table[] = [
  x86,
  i386,
  arm,
  { arch: 0xc000_00b7, ...generic },
  { arch: 0xc000_00f3, ...generic },
  { arch: 0xc000_0102, ...generic },
];

/** x86-64 has each call once more with this bit (the x32 ABI). */
const x32 = 0x4000_0000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: all others lead past the namespace of the network, or to drivers (vsock, alg). */
const families = [1, 2, 10, 16];

const wordAt = (offset: number): Instruction => ({ code: 0x20, k: offset });
const answer = (k: number): Instruction => ({ code: 0x06, k });
const allow = answer(0x7fff_0000);
/** SECCOMP_RET_ERRNO with EPERM. */
const refuse = answer(0x0005_0001);
/** Jumps when the word that was loaded is equal to `k`, has its bits, or not. */
const ifEqual = (k: number, yes: number, no: number): Instruction => ({ code: 0x15, k, yes, no });
const ifBits = (k: number, yes: number, no: number): Instruction => ({ code: 0x45, k, yes, no });

interface Instruction {
  readonly code: number;
  readonly k: number;
  readonly yes?: number;
  readonly no?: number;
}

/** The filter for every architecture that we know the numbers of; all others may do what the user may. */
export function systemCallFilter(): Buffer {
  const program = [wordAt(4), ...tables.flatMap(checksOf), allow];
  const bytes = Buffer.alloc(program.length * 8);
  const isLittle = endianness() === "LE";
  for (const [index, { code, k, yes = 0, no = 0 }] of program.entries()) {
    const at = index * 8;
    if (isLittle) bytes.writeUInt16LE(code, at);
    else bytes.writeUInt16BE(code, at);
    bytes.writeUInt8(yes, at + 2);
    bytes.writeUInt8(no, at + 3);
    if (isLittle) bytes.writeUInt32LE(k, at + 4);
    else bytes.writeUInt32BE(k, at + 4);
  }
  return bytes;
}

/** What is done with calls of one architecture, whose name is loaded; that of another one goes on behind it. */
function checksOf({ arch, refused, socket }: Table): readonly Instruction[] {
  const numbers = [
    ...(arch === x86.arch ? [ifBits(x32, 0, 1), refuse] : []),
    ...refused.flatMap((number) => [ifEqual(number, 0, 1), refuse]),
    ifEqual(socket, 1, 0),
    allow,
    // The low half of the first argument: systems that we know the numbers of have it first.
    wordAt(16),
    ...families.flatMap((family) => [ifEqual(family, 0, 1), allow]),
    refuse,
  ];
  return [ifEqual(arch, 0, numbers.length + 1), wordAt(0), ...numbers];
}
