# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine on a port that carries a VLAN tagged, all servers on that VLAN: slipway.efi on the machine's disk is told the
VLAN by a file beside it, and automation comes up on it too."""
import pytest

from lab import paths, says, small_disk
from lab.timeouts import BOOT, FIRMWARE, NETWORK
from lab.vlan import TaggedPort

VLAN = 7
MAC = "52:54:00:00:07:01"


@pytest.fixture
def machine(lab):
    """Makes a machine whose disk has slipway.efi and slipway.conf."""
    def machine(name, settings):
        text = lab.directory / "slipway.conf"
        text.write_text(settings)
        disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                    {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI, "EFI/BOOT/slipway.conf": text})
        return lab.machine(name, MAC, disks=[disk], boot="disk")
    return machine


def test_tagged_port(lab, machine):
    tagged = machine("tagged", f"# what this machine's port carries\nvlan={VLAN}\n")
    port = TaggedPort(lab.network, tagged.tap, VLAN, lab.directory)
    lab.start()
    tagged.start()
    tagged.expect(says.GREETING, FIRMWARE)
    tagged.expect(says.boots("automation.conf", "10.77.0.2"), NETWORK)
    tagged.expect(rf"network: VLAN {VLAN}, eth0\.{VLAN}[\r\n]", BOOT)
    lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), BOOT)
    tagged.qmp.command("system_reset")
    tagged.expect(says.GREETING, FIRMWARE)
    tagged.expect(r"Address [\d.]+ from 10\.77\.0\.1, boot from the local disk", NETWORK)
    port.stop()


def test_setting_that_is_no_vlan(machine):
    wrong = machine("wrong", "vlan=4095\n").start()
    wrong.expect(says.error("SLW-E07", r"vlan=4095 in slipway\.conf", "Cause:", "Cure:"), FIRMWARE)
