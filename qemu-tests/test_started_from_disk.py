# SPDX-License-Identifier: GPL-2.0-or-later
"""slipway.efi on a disk's ESP: no packets from the firmware, so it does all of DHCP itself and comes to automation."""
from lab import paths, says, small_disk
from lab.timeouts import BOOT, FIRMWARE

MAC = "52:54:00:00:01:01"


def test_started_from_disk(lab):
    disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    lab.start()
    machine = lab.machine("stick", MAC, disks=[disk], boot="disk").start()
    assert "the network" not in machine.expect(says.GREETING + r".*started from (.*)[\r\n]", FIRMWARE)[1]
    assert ">>Start PXE" not in machine.serial.text
    machine.expect(r"Address 10\.77\.0\.\d+ from 10\.77\.0\.1, boot file automation\.conf on 10\.77\.0\.2", BOOT)
    found = lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), BOOT)
    assert found["address"].startswith("10.77.0.1")
