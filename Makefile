# Slipway: the client side of network imaging.
#
#   make demo    run the main job: boot a machine over the network, capture it, deploy two others from its image
#   make check   run every test
#
# Each folder has a rules.mk that says how its part is built and which of its tests belong to `make check-unit`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

BUILD := build
VERSION := 0.1.0
# The system's own interpreter: the packages that deps/install-packages.sh brings (pytest) belong to it.
PYTHON := /usr/bin/python3

HOST_CC := gcc
CLANG := clang
WARNINGS := -Wall -Wextra -Werror
SANITIZE := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TEST_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) $(SANITIZE) -DSLIPWAY_VERSION='"$(VERSION)"' -I.

# Filled by the rules.mk files.
ALL_TARGETS :=
UNIT_TESTS :=
FUZZERS :=

.PHONY: all
all:

include core/rules.mk
include efi/rules.mk
include deps/rules.mk
include agent/rules.mk
include initramfs/rules.mk
include server/rules.mk
include qemu-tests/rules.mk

all: $(ALL_TARGETS)

# The distribution packages that building and testing need; the stamp makes a second run free.
PACKAGES := $(BUILD)/.packages
$(PACKAGES): deps/install-packages.sh
	@mkdir -p $(@D)
	deps/install-packages.sh
	@touch $@

# Everything below runs in a second make, so that the tools are there before any rule asks for them.
.PHONY: demo check check-unit check-qemu bench-boot fuzz clean
demo check check-unit check-qemu bench-boot fuzz: $(PACKAGES)
	$(MAKE) run-$@

.PHONY: run-demo run-check run-check-unit run-check-qemu run-bench-boot run-fuzz
run-check: run-check-unit run-check-qemu

run-check-unit: $(UNIT_TESTS) $(UNIT_TEST_SCRIPTS)
	@for t in $(UNIT_TESTS); do echo "== $$t"; ./$$t; done

clean:
	rm -rf $(BUILD)
