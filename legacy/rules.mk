# SPDX-License-Identifier: GPL-2.0-or-later
# legacy/: slipway.0, the boot file of BIOS PXE ROMs. 32-bit code of the host's compiler; real mode in start.S alone.

LEGACY_BUILD := $(BUILD)/legacy
LEGACY_OBJECTS := $(patsubst legacy/%.c,$(LEGACY_BUILD)/%.o,$(wildcard legacy/*.c)) $(LEGACY_BUILD)/start.o

# Memory below address 4096 is read on purpose: interrupt vectors, BIOS data.
LEGACY_CFLAGS := -std=c11 $(WARNINGS) -I. -DSLIPWAY_VERSION='"$(VERSION)"' -DSLIPWAY_LOCAL_BOOT='"$(LOCAL_BOOT)"' -m32 -march=i386 -Os -ffreestanding -fno-pic \
	-fno-stack-protector -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	--param=min-pagesize=0 -mno-mmx -mno-sse -fstack-usage $(BIOS_SIZE_CFLAGS)
# LOCAL_BOOT comes from efi/rules.mk.
# Bytes that one function may have on the stack of 32 KiB.
LEGACY_FRAME_MAX := 2048
# What the compiler says of core/'s functions. SHA-512 by vectors is the agent's alone.
LEGACY_CORE_STACK = $(filter-out %/sha512_avx2.su %/sha512_avx512.su,$(CORE_SOURCES:core/%.c=$(BUILD)/core/bios/%.su))

LEGACY_TESTS := $(patsubst legacy/tests/%.c,$(LEGACY_BUILD)/tests/%,$(wildcard legacy/tests/test_*.c))

ALL_TARGETS += $(LEGACY_BUILD)/slipway.0
UNIT_TESTS += $(LEGACY_TESTS)
UNIT_TEST_SCRIPTS += check-legacy

$(LEGACY_BUILD)/%.o: legacy/%.c | $(LEGACY_BUILD)
	$(HOST_CC) $(LEGACY_CFLAGS) -MMD -MP -c -o $@ $<

# Another value of LOCAL_BOOT makes another program.
$(LEGACY_BUILD)/disk.o: $(EFI_BUILD)/local-boot

$(LEGACY_BUILD)/start.o: legacy/start.S | $(LEGACY_BUILD)
	$(HOST_CC) -m32 -c -o $@ $<

$(LEGACY_BUILD)/slipway.elf: $(LEGACY_OBJECTS) $(BUILD)/core/bios/libcore.a legacy/slipway.lds
	ld -m elf_i386 -nostdlib --no-warn-rwx-segments --gc-sections -T legacy/slipway.lds -Map=$@.map -o $@ $(filter-out %.lds,$^)

$(LEGACY_BUILD)/slipway.0: $(LEGACY_BUILD)/slipway.elf
	objcopy -O binary -j .image $< $@
	@echo "$@: $$(stat -c %s $@) bytes"

.PHONY: check-legacy
check-legacy: $(LEGACY_BUILD)/slipway.elf
	legacy/tools/check_stack.sh $(LEGACY_FRAME_MAX) $(filter-out %/start.su,$(LEGACY_OBJECTS:.o=.su)) $(LEGACY_CORE_STACK)
	core/tools/check_includes.sh legacy core

# Each test includes the source that it tests.
$(LEGACY_BUILD)/tests/%: legacy/tests/%.c $(BUILD)/core/host/libcore.a | $(LEGACY_BUILD)/tests
	$(HOST_CC) $(TEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(BUILD)/core/host/libcore.a -lcmocka

$(LEGACY_BUILD) $(LEGACY_BUILD)/tests:
	mkdir -p $@

-include $(LEGACY_OBJECTS:.o=.d) $(addsuffix .d,$(LEGACY_TESTS))
