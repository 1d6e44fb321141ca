# SPDX-License-Identifier: GPL-2.0-or-later
# The agent's libraries, built static against musl from pinned Debian source packages (deps/sources), and the
# installation of the distribution packages. For the agent's rules.mk:
#
#   $(DEPS_STAMP)          order: everything below is built
#   $(AGENT_CC)            musl-gcc that also finds the kernel's headers
#   $(AGENT_DEPS_CFLAGS)   where the libraries' headers are
#   $(AGENT_DEPS_LIBS)     what to link, in order
#
# For the initramfs: $(DEPS_PROGRAMS), the programs that the agent runs, and $(DEPS_SHELL), what becomes its /bin/sh.

DEPS := $(BUILD)/deps
DEPS_PREFIX := $(abspath $(DEPS)/prefix)
DEPS_LIBRARIES := libzstd mbedtls curl jansson util-linux zlib xz-utils e2fsprogs ntfs-3g busybox
DEPS_STAMPS := $(DEPS_LIBRARIES:%=$(DEPS)/%.stamp)
DEPS_STAMP := $(DEPS)/all.stamp
DEPS_PROGRAMS := $(addprefix $(DEPS_PREFIX)/sbin/,e2fsck resize2fs ntfsresize)
DEPS_SHELL := $(DEPS_PREFIX)/sbin/busybox

AGENT_CC := musl-gcc -idirafter $(abspath $(DEPS)/kernel-headers)
AGENT_DEPS_CFLAGS := -isystem $(DEPS_PREFIX)/include
AGENT_DEPS_LIBS := -L$(DEPS_PREFIX)/lib -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -ljansson -lfdisk -lblkid -luuid -lzstd -lz -llzma -lntfs-3g

.PHONY: deps
deps: $(BUILD)/.packages
	$(MAKE) -j2 $(DEPS_STAMP)

$(DEPS_STAMP): $(DEPS_STAMPS)
	@touch $@

# A pin's copy changes only when its own paragraph of deps/sources does, and so does what depends on it.
DEPS_PINS := $(DEPS_LIBRARIES:%=$(DEPS)/pins/%)
$(DEPS_PINS): $(DEPS)/pins/%: deps/sources
	@mkdir -p $(@D)
	@awk -v name=$* 'BEGIN { RS = "" } $$1 == "package" && $$2 == name' $< >$@.new
	@test -s $@.new || { echo "deps: deps/sources has no paragraph for $*" >&2; exit 1; }
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# musl-gcc does not look into /usr/include; these folders of it belong to the kernel and not to glibc.
DEPS_KERNEL_HEADERS := $(DEPS)/kernel-headers/.stamp
$(DEPS_KERNEL_HEADERS): deps/rules.mk
	@mkdir -p $(@D)
	@test -d /usr/include/linux || { echo "deps: no kernel headers in /usr/include: install linux-libc-dev" >&2; exit 1; }
	@ln -sfn /usr/include/linux $(@D)/linux
	@ln -sfn /usr/include/asm-generic $(@D)/asm-generic
	@ln -sfn /usr/include/mtd $(@D)/mtd
	@ln -sfn /usr/include/x86_64-linux-gnu/asm $(@D)/asm
	@touch $@

DEPS_FETCH := deps/fetch-source deps/fetch-file deps/mirrors
$(DEPS_STAMPS): $(DEPS)/%.stamp: $(DEPS)/pins/% deps/build/% deps/build/common $(DEPS_KERNEL_HEADERS) | $(DEPS_FETCH)
	@echo "deps: $$(sed -n 's/^package //p' $<)"
	@mkdir -p $(DEPS)/src $(DEPS)/downloads
	@deps/fetch-source $< $(DEPS)/downloads $(DEPS)/src/$*
	+@AGENT_CC="$(AGENT_CC)" MAKE="$(MAKE)" deps/build/$* $(abspath $(DEPS)/src/$*) $(DEPS_PREFIX)
	@touch $@

$(DEPS)/curl.stamp: $(DEPS)/mbedtls.stamp

$(DEPS_PREFIX)/sbin/e2fsck $(DEPS_PREFIX)/sbin/resize2fs: $(DEPS)/e2fsprogs.stamp ;
$(DEPS_PREFIX)/sbin/ntfsresize: $(DEPS)/ntfs-3g.stamp ;
$(DEPS_SHELL): $(DEPS)/busybox.stamp ;
