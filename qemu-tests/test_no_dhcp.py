# SPDX-License-Identifier: GPL-2.0-or-later
"""Nobody gives an address: PXE-E51, then recovery when the DHCP server comes; a switch port that forwards late is no error.
The firmware's own PXE would not even start slipway.efi without DHCP, so it starts from a disk."""
import time

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


def test_spanning_tree(lab):
    """The switch port does not forward yet when slipway.efi begins: that is waited out, without an error."""
    disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    lab.start()
    machine = lab.machine("early", "52:54:00:00:01:0f", disks=[disk], boot="disk").start()
    lab.network.set_port(machine.tap, "listening")
    machine.expect(says.GREETING, FIRMWARE)
    time.sleep(6)  # longer than the first DISCOVER's four seconds
    assert "Address" not in machine.serial.text
    lab.network.set_port(machine.tap, "forwarding")
    machine.expect(r"Address 10\.77\.0\.\d+ from 10\.77\.0\.1, boot file automation\.conf", NETWORK)
    assert "PXE-E" not in machine.serial.text
    machine.expect(says.STARTING_KERNEL, NETWORK)
