/** Files that are kernel objects, and those that are none; forged tables lead nowhere and cost nothing. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readElfObject, type ElfObject } from "../../../src/model/kernel/elf-object.ts";
import { fitsMachine } from "../../../src/model/kernel/machines.ts";

/** An object of 64 bits with the sections nothing, names and `.modinfo`; `change` may spoil it. */
function object(change: (bytes: Uint8Array) => void = () => undefined): Uint8Array {
  const bytes = Buffer.alloc(64 + 64 + 3 * 64);
  bytes.write("\u007fELF\u0002\u0001\u0001", "latin1");
  bytes.writeUInt16LE(1, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(128n, 40);
  for (const [at, value] of [
    [58, 64],
    [60, 3],
    [62, 1],
  ] as const)
    bytes.writeUInt16LE(value, at);
  bytes.write("\0.modinfo\0", 64, "latin1");
  bytes.write("license=GPL\0vermagic=6.1.0 SMP\0", 80, "latin1");
  section(bytes, 1, { name: 0, offset: 64, length: 10 });
  section(bytes, 2, { name: 1, offset: 80, length: 31 });
  change(bytes);
  return bytes;
}

function section(bytes: Buffer, index: number, at: { name: number; offset: number; length: number }): void {
  const start = 128 + index * 64;
  bytes.writeUInt32LE(at.name, start);
  bytes.writeBigUInt64LE(BigInt(at.offset), start + 24);
  bytes.writeBigUInt64LE(BigInt(at.length), start + 32);
}

/** Reads it, and never a part beyond its end. */
function read(bytes: Uint8Array): ReturnType<typeof readElfObject> {
  return readElfObject(bytes.length, (offset, length) => {
    assert.ok(offset >= 0 && length <= 1024, `${offset} ${length}`);
    return bytes.subarray(offset, offset + length);
  });
}

const whole: ElfObject = { bits: 64, order: "little", machine: 62, vermagic: "6.1.0 SMP" };
const huge = 2n ** 63n;

const rows: readonly (readonly [what: string, bytes: Uint8Array, is: ReturnType<typeof readElfObject>])[] = [
  ["an object", object(), whole],
  ["an object without sections", object((bytes) => bytes.fill(0, 40, 48)), { ...whole, vermagic: undefined }],
  ["an object without vermagic", object((bytes) => bytes.fill(65, 92, 100)), { ...whole, vermagic: undefined }],
  ["nothing", new Uint8Array(), "empty"],
  ["text", Buffer.from("a text that is long enough"), "no-elf"],
  ["four bytes", Buffer.from("\u007fELF", "latin1"), "no-elf"],
  ["a header that ends early", object().subarray(0, 40), "damaged"],
  ["a class that does not exist", object((bytes) => bytes.fill(3, 4, 5)), "damaged"],
  ["a program", object((bytes) => bytes.fill(2, 16, 17)), "not-relocatable"],
  ["a library", object((bytes) => bytes.fill(3, 16, 17)), "not-relocatable"],
  ["a table beyond the end", object((bytes) => Buffer.from(bytes.buffer).writeBigUInt64LE(huge, 40)), "damaged"],
  ["entries of another size", object((bytes) => bytes.fill(1, 58, 59)), "damaged"],
  ["more sections than there are", object((bytes) => bytes.fill(255, 60, 61)), "damaged"],
  ["names in no section", object((bytes) => bytes.fill(9, 62, 63)), "damaged"],
  ["names beyond the end", object((bytes) => bytes.fill(255, 128 + 64 + 24, 128 + 64 + 30)), "damaged"],
  ["fields beyond the end", object((bytes) => bytes.fill(255, 128 + 128 + 32, 128 + 128 + 38)), "damaged"],
];

for (const [what, bytes, is] of rows)
  test(`${what} is ${typeof is === "string" ? is : "read"}`, () => assert.equal(read(bytes), is));

test("whatever byte is changed, it is read to an end", () => {
  for (let at = 0; at < object().length; at += 1) {
    for (const value of [0, 1, 127, 255]) read(object((bytes) => bytes.fill(value, at, at + 1)));
  }
});

for (const [arch, machine, fits] of [
  ["x86_64", whole, true],
  ["i686", whole, true],
  ["i686", { ...whole, machine: 3, bits: 32 }, true],
  ["aarch64", whole, false],
  ["aarch64", { ...whole, machine: 183 }, true],
  ["ppc64le", { ...whole, machine: 21, order: "big" }, false],
  ["s390x", { ...whole, machine: 22, order: "big" }, true],
  ["armv7l", { ...whole, machine: 40, bits: 32 }, true],
  ["quantum", whole, undefined],
] as const) {
  test(`${machine.machine} in ${machine.order} order fits ${arch}: ${fits}`, () =>
    assert.is(fitsMachine(machine, arch), fits));
}

test.run();
