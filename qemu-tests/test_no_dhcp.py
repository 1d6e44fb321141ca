# SPDX-License-Identifier: GPL-2.0-or-later
"""Nobody gives an address: PXE-E51, then recovery when the DHCP server comes. The firmware's own PXE would not even start
slipway.efi without DHCP, so it starts from a disk."""
from lab import paths, says, small_disk
from lab.timeouts import FIRMWARE, NETWORK


def test_no_dhcp(lab):
    disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    machine = lab.machine("lost", "52:54:00:00:01:02", disks=[disk], boot="disk").start()
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(says.error("PXE-E51", "Cause:", "Cure:"), NETWORK)
    machine.expect(says.TRYING_AGAIN, NETWORK)
    lab.start()
    machine.expect(r"boot file automation\.conf on 10\.77\.0\.2", NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)
