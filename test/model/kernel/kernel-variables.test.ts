/** The compiler that Debian's headers name, read without make. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { declaredCompiler } from "../../../src/model/kernel/kernel-variables.ts";

const debian12 = `override ARCH = x86
override KERNELRELEASE = 6.1.0-57-cloud-amd64
CCACHE = ccache
CC = $(if $(DEBIAN_KERNEL_USE_CCACHE),$(CCACHE)) $(CROSS_COMPILE)gcc-12
ifneq ($(DEB_BUILD_ARCH),$(DEB_HOST_ARCH))
override CROSS_COMPILE = $(DEB_HOST_GNU_TYPE)-
endif
DEBIAN_KERNEL_NO_CC_VERSION_CHECK = y
`;
const debianNext = `override ARCH = x86
CCACHE = ccache
CC = $(if $(DEBIAN_KERNEL_USE_CCACHE),$(CCACHE)) $(CROSS_COMPILE)gcc-16
DEB_BUILD_ARCH ?= $(shell dpkg --print-architecture)
override CROSS_COMPILE = x86_64-linux-gnu-
`;

const rows: readonly (readonly [what: string, text: string, expected: string | undefined])[] = [
  ["Debian 12", debian12, "gcc-12"],
  ["a later Debian", debianNext, "x86_64-linux-gnu-gcc-16"],
  ["variables", "export V := 12\nCC := gcc-$(V)\n", "gcc-12"],
  ["other brackets and a comment", "V = 12 # twelve\nCC = gcc-${V}", "gcc-12"],
  ["a first word that stays", "CC = gcc-11\nCC ?= gcc-12\n", "gcc-11"],
  ["a value of its time", "V = 11\nCC := gcc-$(V)\nV = 12\n", "gcc-11"],
  ["else", 'ifeq "a" "b"\nCC = gcc-1\nelse\nCC = gcc-2\nendif\n', "gcc-2"],
  ["what is defined", "A = 1\nifdef A\nCC = clang\nendif\nifndef A\nCC = gcc\nendif\n", "clang"],
  ["a line that goes on", "CC = \\\ngcc-12\n", "gcc-12"],
  ["nothing", "", undefined],
  ["two words", "CC = ccache gcc-12\n", undefined],
  ["a path", "CC = /tmp/gcc\n", undefined],
  ["a program that make would start", "CC = $(shell touch /tmp/pwned; echo gcc)\n", undefined],
  ["a variable in itself", "CC = $(CC)\n", undefined],
  ["a conditional without an end", "CC = gcc\nifdef CC\n", undefined],
  ["a conditional that is broken", "ifdef\nCC = gcc\nendif\n", undefined],
  ["an end without a beginning", "CC = gcc\nendif\n", undefined],
];

for (const [what, text, expected] of rows) test(what, () => assert.is(declaredCompiler(text), expected));

test("text that grows and grows", () => {
  const lines = Array.from({ length: 60 }, (_, index) => `A${index + 1} = $(A${index})$(A${index})$(A${index})`);
  assert.is(declaredCompiler(["A0 = xxxxxxxxxx", ...lines, "CC = $(A60)"].join("\n")), undefined);
});

test.run();
