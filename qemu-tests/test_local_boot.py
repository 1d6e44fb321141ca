# SPDX-License-Identifier: GPL-2.0-or-later
"""A known machine without a job goes from the network straight to the system on its own disk."""
from lab import paths, says
from lab.timeouts import BOOT, FIRMWARE

MAC = "52:54:00:00:01:07"


def test_known_machine_without_job(lab):
    lab.start()
    lab.slipwayd.command("machine", "add", MAC, "desk")
    machine = lab.machine("desk", MAC, disks=[lab.copy_disk(paths.DEBIAN_IMAGE, "disk")]).start()
    machine.expect(says.GREETING + r".*started from the network", FIRMWARE)
    assert "debian" in machine.expect(says.LOCAL_BOOT, BOOT)[1]
    machine.expect(says.GRUB, BOOT)
    assert says.STARTING_KERNEL not in machine.serial.text
    assert not lab.slipwayd.machines()["desk"]["last_seen"]
