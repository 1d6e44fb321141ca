# SPDX-License-Identifier: GPL-2.0-or-later
# bstrap/: bstrap.0, the boot file for ROMs older than PXE 2.1. legacy/'s objects and core/, linked from what main.c calls
# and packed; the part that unpacks it is a boot program of its own around it.

BSTRAP_BUILD := $(BUILD)/bstrap
# What a PXE 1.x ROM loads at most.
BSTRAP_MAX := 32768
# bstrap/unlzma.h says it as well.
BSTRAP_LZMA := lc=0,lp=0,pb=0
BSTRAP_TESTS := $(patsubst bstrap/tests/%.c,$(BSTRAP_BUILD)/tests/%,$(wildcard bstrap/tests/test_*.c))
BSTRAP_LD := ld -m elf_i386 -nostdlib --no-warn-rwx-segments --gc-sections -T legacy/slipway.lds

ALL_TARGETS += $(BSTRAP_BUILD)/bstrap.0
UNIT_TESTS += $(BSTRAP_TESTS)
UNIT_TEST_SCRIPTS += check-bstrap

$(BSTRAP_BUILD)/%.o: bstrap/%.c | $(BSTRAP_BUILD)
	$(HOST_CC) $(LEGACY_CFLAGS) -MMD -MP -c -o $@ $<

# The linker takes from it what is called; main.o has slipway.0's own part.
$(BSTRAP_BUILD)/liblegacy.a: $(filter-out %/main.o %/start.o,$(LEGACY_OBJECTS)) | $(BSTRAP_BUILD)
	rm -f $@
	ar rcs $@ $^

$(BSTRAP_BUILD)/payload.elf: $(LEGACY_BUILD)/start.o $(BSTRAP_BUILD)/main.o $(BSTRAP_BUILD)/liblegacy.a $(BUILD)/core/bios/libcore.a \
		legacy/slipway.lds
	$(BSTRAP_LD) -Map=$@.map -o $@ $(LEGACY_BUILD)/start.o $(BSTRAP_BUILD)/main.o \
		--start-group $(BSTRAP_BUILD)/liblegacy.a $(BUILD)/core/bios/libcore.a --end-group

$(BSTRAP_BUILD)/resolve_branches: bstrap/tools/resolve_branches.c bstrap/branches.c bstrap/branches.h core/base.h | $(BSTRAP_BUILD)
	$(HOST_CC) $(TEST_CFLAGS) -o $@ $(filter %.c,$^)

$(BSTRAP_BUILD)/payload.lzma: $(BSTRAP_BUILD)/payload.elf $(BSTRAP_BUILD)/resolve_branches
	objcopy -O binary -j .image $< $(@D)/payload.0
	$(BSTRAP_BUILD)/resolve_branches < $(@D)/payload.0 > $(@D)/payload.resolved
	xz --format=raw --lzma1=preset=9e,$(BSTRAP_LZMA) -c $(@D)/payload.resolved > $@

$(BSTRAP_BUILD)/payload.o: bstrap/payload.S $(BSTRAP_BUILD)/payload.lzma
	$(HOST_CC) -m32 -DPAYLOAD='"$(BSTRAP_BUILD)/payload.lzma"' -c -o $@ $<

$(BSTRAP_BUILD)/bstrap.elf: $(LEGACY_BUILD)/start.o $(BSTRAP_BUILD)/unpack.o $(BSTRAP_BUILD)/unlzma.o $(BSTRAP_BUILD)/branches.o $(BSTRAP_BUILD)/payload.o \
		$(BUILD)/core/bios/libcore.a legacy/slipway.lds
	$(BSTRAP_LD) -Map=$@.map -o $@ $(filter-out %.lds,$^)

$(BSTRAP_BUILD)/bstrap.0: $(BSTRAP_BUILD)/bstrap.elf
	objcopy -O binary -j .image $< $@
	@echo "$@: $$(stat -c %s $@) bytes of at most $(BSTRAP_MAX)"
	@[ $$(stat -c %s $@) -le $(BSTRAP_MAX) ]

.PHONY: check-bstrap
check-bstrap: $(BSTRAP_BUILD)/bstrap.0
	legacy/tools/check_stack.sh $(LEGACY_FRAME_MAX) $(patsubst %,$(BSTRAP_BUILD)/%.su,main unpack unlzma branches)
	core/tools/check_includes.sh bstrap core legacy

# Each test includes the source that it tests.
$(BSTRAP_BUILD)/tests/%: bstrap/tests/%.c | $(BSTRAP_BUILD)/tests
	$(HOST_CC) $(TEST_CFLAGS) -DBSTRAP_LZMA='"$(BSTRAP_LZMA)"' -MMD -MP -MF $@.d -o $@ $< -lcmocka

$(BSTRAP_BUILD) $(BSTRAP_BUILD)/tests:
	mkdir -p $@

-include $(patsubst %,$(BSTRAP_BUILD)/%.d,main unpack unlzma branches) $(addsuffix .d,$(BSTRAP_TESTS))
