# SPDX-License-Identifier: GPL-2.0-or-later
# The lab: scenarios, demo and boot benchmark. They need every part; the Debian disk is built beside them.

LAB_DISK := $(BUILD)/qemu-tests/debian.img
LAB_DISK_KEY := $(BUILD)/qemu-tests/debian.key
LAB_RUN := cd qemu-tests && PYTHONDONTWRITEBYTECODE=1
# Scenarios at a time. A file's scenarios stay together: they may share what a boot has shown.
LAB_WORKERS ?= 2

# The module keeps a disk that was made by its own text, so asking again is free.
$(LAB_DISK_KEY): $(addprefix qemu-tests/lab/,debian_disk.py debian_loader.py lvm.py)
	@mkdir -p $(@D)
	$(LAB_RUN) $(PYTHON) -m lab.debian_disk $(abspath $(LAB_DISK)) > $(abspath $(@D))/debian-build.log 2>&1 \
		|| { tail -n 40 $(abspath $(@D))/debian-build.log; exit 1; }
	@touch $@

# A boot file that checks itself: see lab/payload.py.
LAB_PAYLOAD := $(BUILD)/qemu-tests/payload.efi

$(BUILD)/qemu-tests/payload.o: qemu-tests/lab/payload.c
	@mkdir -p $(@D)
	$(HOST_CC) $(EFI_CFLAGS) -c -o $@ $<

$(BUILD)/qemu-tests/payload.so: $(BUILD)/qemu-tests/payload.o
	ld $(EFI_LDFLAGS) -o $@ /usr/lib/crt0-efi-x86_64.o $^ /usr/lib/libgnuefi.a

$(LAB_PAYLOAD): $(BUILD)/qemu-tests/payload.so
	objcopy $(addprefix -j ,$(EFI_SECTIONS)) --target efi-app-x86_64 --subsystem=10 $< $@

# A PXE 1.x ROM, for bstrap.0, and a boot program that says how it was entered.
LAB_BOOT_PROGRAMS := $(BUILD)/qemu-tests/old_rom.0 $(BUILD)/qemu-tests/nbp_payload.0

$(LAB_BOOT_PROGRAMS:.0=.o): $(BUILD)/qemu-tests/%.o: qemu-tests/lab/%.S
	@mkdir -p $(@D)
	$(HOST_CC) -m32 -c -o $@ $<

$(LAB_BOOT_PROGRAMS): %.0: %.o
	objcopy -O binary -j .text $< $@

# A Debian's ext4 and the same kind of files on NTFS, for the imaging benchmark; kept in the same way.
BENCH_DISKS := $(BUILD)/bench-imaging
BENCH_DISKS_KEY := $(BENCH_DISKS)/key
$(BENCH_DISKS_KEY): qemu-tests/lab/bench_volumes.py
	@mkdir -p $(BUILD)
	$(LAB_RUN) $(PYTHON) -m lab.bench_volumes $(abspath $(BENCH_DISKS)) > $(abspath $(BUILD))/bench-volumes.log 2>&1 \
		|| { tail -n 40 $(abspath $(BUILD))/bench-volumes.log; exit 1; }
	@touch $@

# Servers of other people, so that the scenarios themselves need no network.
LAB_SERVERS := $(BUILD)/qemu-tests/unpacked.stamp
$(LAB_SERVERS): qemu-tests/lab/unpacked.py
	@mkdir -p $(@D)
	$(LAB_RUN) $(PYTHON) -m lab.unpacked
	@touch $@

LAB_NEEDS := $(ALL_TARGETS) $(LAB_DISK_KEY) $(LAB_PAYLOAD) $(LAB_BOOT_PROGRAMS)
build-for-demo: $(LAB_NEEDS)
build-for-check-qemu: $(LAB_NEEDS) $(LAB_SERVERS)
build-for-bench-boot: $(ALL_TARGETS)
build-for-bench-imaging: $(ALL_TARGETS) $(BENCH_DISKS_KEY)
build-for-bench-tftp: $(ALL_TARGETS) $(LAB_PAYLOAD)

run-demo: $(LAB_NEEDS)
	$(LAB_RUN) $(PYTHON) demo.py

run-check-qemu: $(LAB_NEEDS) $(LAB_SERVERS)
	$(LAB_RUN) $(PYTHON) -m pytest -p no:cacheprovider -v -n $(LAB_WORKERS) --dist loadfile .

run-bench-boot: $(ALL_TARGETS)
	$(LAB_RUN) $(PYTHON) bench_boot.py
	$(LAB_RUN) $(PYTHON) bench_boot_bios.py

run-bench-tftp: $(ALL_TARGETS) $(LAB_PAYLOAD)
	$(LAB_RUN) $(PYTHON) bench_tftp.py

run-bench-imaging: $(ALL_TARGETS) $(BENCH_DISKS_KEY)
	$(LAB_RUN) $(PYTHON) bench_imaging.py
