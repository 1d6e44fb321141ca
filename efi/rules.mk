# SPDX-License-Identifier: GPL-2.0-or-later
# efi/: slipway.efi, on the headers, start code and linker script of gnu-efi.

EFI_BUILD := $(BUILD)/efi
EFI_OBJECTS := $(patsubst efi/%.c,$(EFI_BUILD)/%.o,$(wildcard efi/*.c))
EFI_SIZE_MAX := 131072
# What slipway.efi does for the local disk where the server does not say: start, bootnext or exit (docs/operations.md).
LOCAL_BOOT := start
ifeq ($(filter start bootnext exit,$(LOCAL_BOOT)),)
$(error LOCAL_BOOT is '$(LOCAL_BOOT)', not start, bootnext or exit)
endif

EFI_CFLAGS := -std=c11 $(WARNINGS) -I. -isystem /usr/include/efi -isystem /usr/include/efi/x86_64 \
	-DSLIPWAY_VERSION='"$(VERSION)"' -DSLIPWAY_LOCAL_BOOT='"$(LOCAL_BOOT)"' -DGNU_EFI_USE_MS_ABI -maccumulate-outgoing-args -Os -ffreestanding -fpic \
	-fshort-wchar -fvisibility=hidden -fno-strict-aliasing \
	-fno-stack-protector -mno-red-zone
EFI_LDFLAGS := -nostdlib -shared -Bsymbolic -znocombreloc -zdefs -T /usr/lib/elf_x86_64_efi.lds
# The section .slipway marks the program: see efi/image.h.
EFI_SECTIONS := .text .sdata .data .dynamic .dynsym .rel .rela .rela.* .reloc .slipway

ALL_TARGETS += $(EFI_BUILD)/slipway.efi

$(EFI_BUILD)/%.o: efi/%.c | $(EFI_BUILD)
	$(HOST_CC) $(EFI_CFLAGS) -MMD -MP -c -o $@ $<

# Another value than the last time's makes another program.
.PHONY: efi-local-boot
$(EFI_BUILD)/local-boot: efi-local-boot | $(EFI_BUILD)
	@echo '$(LOCAL_BOOT)' | cmp -s - $@ || echo '$(LOCAL_BOOT)' > $@

$(EFI_BUILD)/localboot.o: $(EFI_BUILD)/local-boot

$(EFI_BUILD)/slipway.so: $(EFI_OBJECTS) $(BUILD)/core/efi/libcore.a
	ld $(EFI_LDFLAGS) -Map=$@.map -o $@ /usr/lib/crt0-efi-x86_64.o $^ /usr/lib/libgnuefi.a

$(EFI_BUILD)/slipway.efi: $(EFI_BUILD)/slipway.so
	objcopy --strip-all $(addprefix -j ,$(EFI_SECTIONS)) --target efi-app-x86_64 --subsystem=10 $< $@
	@size=$$(stat -c %s $@); echo "$@: $$size bytes"; \
	if [ $$size -gt $(EFI_SIZE_MAX) ]; then echo "$@ is larger than $(EFI_SIZE_MAX) bytes" >&2; exit 1; fi

$(EFI_BUILD):
	mkdir -p $@

-include $(EFI_OBJECTS:.o=.d)
