# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot files that are missing or damaged: a clear error that names the file, and recovery once they are right."""
from lab import paths, says
from lab.timeouts import FIRMWARE, NETWORK

MAC = "52:54:00:00:01:04"


def test_boot_file_missing(lab):
    (lab.tftp / "automation.conf").unlink()
    lab.start()
    machine = lab.machine("missing", MAC).start()
    machine.expect(says.GREETING + r".*started from the network", FIRMWARE)
    machine.expect(says.error("PXE-E3B", r"10\.77\.0\.2", "automation.conf"), NETWORK)
    machine.expect(says.TRYING_AGAIN, NETWORK)
    (lab.tftp / "automation.conf").write_bytes(paths.AUTOMATION_CONF.read_bytes())
    machine.expect(says.STARTING_KERNEL, NETWORK)


def test_kernel_truncated(lab):
    kernel = lab.tftp / "vmlinuz"
    whole = kernel.read_bytes()
    kernel.write_bytes(whole[:len(whole) // 2])
    lab.start()
    machine = lab.machine("cut", MAC).start()
    machine.expect(says.error("SLW-E02", f"{len(whole) // 2} bytes"), FIRMWARE + NETWORK)
    machine.expect(says.TRYING_AGAIN, NETWORK)
    assert says.STARTING_KERNEL not in machine.serial.text
    kernel.write_bytes(whole)
    machine.expect(says.STARTING_KERNEL, NETWORK)
