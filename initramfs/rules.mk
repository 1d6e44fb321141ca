# SPDX-License-Identifier: GPL-2.0-or-later
# Automation's kernel, initramfs and boot entry, as a boot server offers them: the three files in $(BUILD)/initramfs.

INITRAMFS := $(BUILD)/initramfs
INITRAMFS_FILES := $(INITRAMFS)/vmlinuz $(INITRAMFS)/initramfs.zst $(INITRAMFS)/automation.conf
# Of the package ca-certificates, as it is on the machine that builds.
INITRAMFS_CA := /etc/ssl/certs/ca-certificates.crt
INITRAMFS_CODE := initramfs/build initramfs/cpio.py initramfs/modules.py

ALL_TARGETS += $(INITRAMFS_FILES)
UNIT_TEST_SCRIPTS += check-initramfs

.PHONY: initramfs
initramfs: $(INITRAMFS_FILES)

$(INITRAMFS)/kernel.stamp: deps/kernel initramfs/fetch-kernel | deps/fetch-file
	@mkdir -p $(INITRAMFS) $(BUILD)/deps/downloads
	initramfs/fetch-kernel deps/kernel $(BUILD)/deps/downloads $(INITRAMFS)/kernel
	@touch $@

$(INITRAMFS)/vmlinuz: $(INITRAMFS)/kernel.stamp
	cp -L $(INITRAMFS)/kernel/vmlinuz $@

$(INITRAMFS)/packed/modules.json: $(INITRAMFS)/kernel.stamp initramfs/modules.list $(INITRAMFS_CODE)
	$(PYTHON) initramfs/build modules --tree "$$(realpath $(INITRAMFS)/kernel/modules)" --list initramfs/modules.list \
		--out $(@D)

$(INITRAMFS)/initramfs.zst: $(INITRAMFS)/packed/modules.json $(INITRAMFS)/vmlinuz $(BUILD)/agent/slipway-agent $(DEPS_PROGRAMS) $(DEPS_SHELL)
	$(PYTHON) initramfs/build pack --modules $(INITRAMFS)/packed --init $(BUILD)/agent/slipway-agent --shell $(DEPS_SHELL) \
		--ca $(INITRAMFS_CA) --out $@ $(DEPS_PROGRAMS)
	$(PYTHON) initramfs/build table --modules $(INITRAMFS)/packed --vmlinuz $(INITRAMFS)/vmlinuz --initramfs $@

$(INITRAMFS)/automation.conf: initramfs/automation.conf
	@mkdir -p $(@D)
	cp $< $@

check-initramfs: $(INITRAMFS_FILES)
	$(PYTHON) -m pytest -q -p no:cacheprovider initramfs/tests --build=$(INITRAMFS)
