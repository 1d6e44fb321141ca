# SPDX-License-Identifier: GPL-2.0-or-later
# The lab: scenarios, demo and boot benchmark. They need every part; the Debian disk is built beside them.

LAB_DISK := $(BUILD)/qemu-tests/debian.img
LAB_DISK_KEY := $(BUILD)/qemu-tests/debian.key
LAB_RUN := cd qemu-tests && PYTHONDONTWRITEBYTECODE=1

# The module keeps a disk that was made by its own text, so asking again is free.
$(LAB_DISK_KEY): qemu-tests/lab/debian_disk.py
	@mkdir -p $(@D)
	$(LAB_RUN) $(PYTHON) -m lab.debian_disk $(abspath $(LAB_DISK)) > $(abspath $(@D))/debian-build.log 2>&1 \
		|| { tail -n 40 $(abspath $(@D))/debian-build.log; exit 1; }
	@touch $@

LAB_NEEDS := $(ALL_TARGETS) $(LAB_DISK_KEY)
build-for-demo: $(LAB_NEEDS)
build-for-check-qemu: $(LAB_NEEDS)
build-for-bench-boot: $(ALL_TARGETS)

run-demo: $(LAB_NEEDS)
	$(LAB_RUN) $(PYTHON) demo.py

run-check-qemu: $(LAB_NEEDS)
	$(LAB_RUN) $(PYTHON) -m pytest -p no:cacheprovider -v .

run-bench-boot: $(ALL_TARGETS)
	$(LAB_RUN) $(PYTHON) bench_boot.py
