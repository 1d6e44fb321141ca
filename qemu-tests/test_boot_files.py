# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot files that are missing, damaged or too large: a clear error each time, and recovery once all is right.
Machines with each firmware go through it side by side."""
import pytest

from lab import paths, says
from lab.timeouts import FIRMWARE, NETWORK

SERVER = r"10\.77\.0\.2"
# A kernel is a program of UEFI's there, and one for the boot protocol here.
NO_KERNEL = r"(it does not begin with a program's header \(MZ\)|vmlinuz: no Linux kernel, 1000 bytes)[\r\n]"


@pytest.fixture
def machines(lab):
    return [lab.machine("uefi", "52:54:00:00:01:04"), lab.machine("bios", "52:54:00:00:01:05", bios=True)]


def all_fail(machines, code, *details):
    """The same report from all, which then wait: a key lets them begin again."""
    for machine in machines:
        machine.expect(says.error(code, *details), FIRMWARE + NETWORK)
        machine.expect(says.TRYING_AGAIN, NETWORK)


def again(machines):
    for machine in machines:
        machine.serial.send(" ")


def one_more_initrd(lab, name, size):
    """Another file for automation's kernel, of nothing but zeros."""
    with open(lab.tftp / name, "wb") as file:
        file.truncate(size)
    (lab.tftp / "automation.conf").write_text(paths.AUTOMATION_CONF.read_text() + f"initrd /{name}\n")


def test_boot_files(lab, machines):
    kernel, entry = paths.VMLINUZ.read_bytes(), lab.tftp / "automation.conf"
    entry.unlink()
    lab.start()
    for machine in machines:
        machine.start()
    all_fail(machines, "PXE-E3B", SERVER, "automation.conf")

    entry.write_bytes(paths.AUTOMATION_CONF.read_bytes())
    (lab.tftp / "vmlinuz").write_bytes(kernel[:len(kernel) // 2])
    again(machines)
    all_fail(machines, "SLW-E02", f"{len(kernel) // 2} bytes")

    (lab.tftp / "vmlinuz").write_bytes(bytes(1000))
    again(machines)
    all_fail(machines, "SLW-E02", NO_KERNEL)

    (lab.tftp / "vmlinuz").write_bytes(kernel)
    one_more_initrd(lab, "huge", 1 << 30)
    again(machines)
    all_fail(machines, "SLW-E04", SERVER)

    assert not any(machine.serial.times_of(says.STARTING_KERNEL) for machine in machines)
    entry.write_bytes(paths.AUTOMATION_CONF.read_bytes())
    again(machines)
    for machine in machines:
        machine.expect(says.STARTING_KERNEL, NETWORK)
