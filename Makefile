# SPDX-License-Identifier: GPL-2.0-or-later
# Slipway: the client side of network imaging.
#
#   make demo    run the main job: boot a machine over the network, capture it, deploy three others from its images
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

# Filled by the rules.mk files: what `make all` builds, test programs, phony targets that run other quick tests, and
# fuzzers.
ALL_TARGETS :=
UNIT_TESTS :=
UNIT_TEST_SCRIPTS :=
FUZZERS :=

.PHONY: all
all:

include core/rules.mk
include efi/rules.mk
include legacy/rules.mk
include bstrap/rules.mk
include deps/rules.mk
include agent/rules.mk
include initramfs/rules.mk
include server/rules.mk
include qemu-tests/rules.mk

# The distribution packages that building and testing need; the stamp makes a second run free.
PACKAGES := $(BUILD)/.packages
$(PACKAGES): deps/install-packages.sh
	@mkdir -p $(@D)
	deps/install-packages.sh
	@touch $@

# What a person calls installs the tools first and then runs a second make, which may ask for them. Two jobs: parts build
# beside each other, tests run one after another.
all: $(PACKAGES)
	$(MAKE) -j2 build-for-$@

.PHONY: demo check check-unit check-qemu bench-boot bench-imaging bench-tftp fuzz coverage clean
demo check check-unit check-qemu bench-boot bench-imaging bench-tftp fuzz coverage: $(PACKAGES)
	$(MAKE) -j2 build-for-$@
	$(MAKE) run-$@

.PHONY: build-for-all build-for-demo build-for-check build-for-check-unit build-for-check-qemu build-for-bench-boot build-for-bench-imaging build-for-bench-tftp build-for-fuzz \
	build-for-coverage
build-for-all: $(ALL_TARGETS)
build-for-check-unit: $(ALL_TARGETS) $(UNIT_TESTS)
build-for-check: build-for-check-unit build-for-check-qemu
build-for-fuzz: $(FUZZERS)

.PHONY: run-demo run-check run-check-unit run-check-qemu run-bench-boot run-bench-imaging run-bench-tftp run-fuzz run-coverage $(UNIT_TEST_SCRIPTS)
run-check:
	$(MAKE) run-check-unit
	$(MAKE) run-check-qemu

run-check-unit: $(UNIT_TESTS)
	@for t in $(UNIT_TESTS); do echo "== $$t"; ./$$t; done
	@for t in $(UNIT_TEST_SCRIPTS); do echo "== $$t"; $(MAKE) --no-print-directory $$t; done

clean:
	rm -rf $(BUILD)
