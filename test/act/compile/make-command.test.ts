/** Rows of make commands as confs write them, and what becomes of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeCommand, type MakeRequest } from "../../../src/act/compile/make-command.ts";

const request: MakeRequest = {
  configured: undefined,
  kernelSource: "/lib/modules/6.6.1/build",
  buildDirectory: "/var/lib/dkms/m/1/build",
  release: "6.6.1",
  llvm: false,
  poolSize: 4,
};

type Row = readonly [configured: string, text: string, share: "one" | "all", slots: "member" | "outside"];

const rows: readonly Row[] = [
  ["make", "make KERNELRELEASE=6.6.1", "one", "member"],
  ["make all -C /x", "make KERNELRELEASE=6.6.1 all -C /x", "one", "member"],
  ["make -j8 all", "make KERNELRELEASE=6.6.1 all", "one", "member"],
  ["make -j 8 all", "make KERNELRELEASE=6.6.1 all", "one", "member"],
  ["make all -j", "make KERNELRELEASE=6.6.1 all", "one", "member"],
  ["make --jobs=8 all", "make KERNELRELEASE=6.6.1 all", "one", "member"],
  ["make -j2 a && make -j2 b", "make KERNELRELEASE=6.6.1 a && make b", "one", "member"],
  ["make -j$(nproc) all", "make KERNELRELEASE=6.6.1 -j$(nproc) all", "all", "outside"],
  ['make -j "$(nproc)" all', 'make KERNELRELEASE=6.6.1 -j "$(nproc)" all', "all", "outside"],
  ["make -kj4", "make KERNELRELEASE=6.6.1 -kj4", "all", "outside"],
  ["make EXTRA='-j8 x'", "make KERNELRELEASE=6.6.1 EXTRA='-j8 x'", "one", "member"],
  ["make a; ninja -j4", "make KERNELRELEASE=6.6.1 a; ninja -j4", "all", "outside"],
  ["'make' -j16 KERNEL_UNAME=6.6.1 modules", "'make' KERNEL_UNAME=6.6.1 modules", "one", "member"],
  ["/usr/bin/make -j3", "/usr/bin/make", "one", "member"],
  ["env A=1 make -j3 x", "env A=1 make x", "one", "member"],
  ["cd src && make -j3", "cd src && make", "one", "member"],
  ["'make' modules", "'make' modules", "one", "outside"],
  ["cd src && make", "cd src && make", "one", "outside"],
  ["makepkg -x", "makepkg -x", "one", "outside"],
  ["make; true", "make KERNELRELEASE=6.6.1; true", "one", "member"],
];

for (const [configured, text, share, slots] of rows) {
  test(configured, () => assert.equal(makeCommand({ ...request, configured }), { text, share, slots }));
}

test("the default names headers and build directory, quoted where needed", () => {
  assert.is(
    makeCommand(request).text,
    "make KERNELRELEASE=6.6.1 -C /lib/modules/6.6.1/build M=/var/lib/dkms/m/1/build",
  );
  const odd = makeCommand({ ...request, kernelSource: "/a b/it's", release: "6.6;x" });
  assert.is(odd.text, "make KERNELRELEASE='6.6;x' -C '/a b/it'\\''s' M=/var/lib/dkms/m/1/build");
});

test("a kernel that clang has built adds LLVM=1 to every command", () => {
  assert.is(makeCommand({ ...request, configured: "./build.sh", llvm: true }).text, "./build.sh LLVM=1");
});

test("without a limit there is no pool and commands stay as they are", () => {
  const free = { ...request, poolSize: 0 };
  assert.equal(makeCommand({ ...free, configured: "make -j8" }), {
    text: "make -j KERNELRELEASE=6.6.1 -j8",
    share: "one",
    slots: "outside",
  });
  assert.is(makeCommand({ ...free, configured: "'make' -j8" }).text, "'make' -j8");
});

test.run();
