# SPDX-License-Identifier: GPL-2.0-or-later
"""An address but no PXE answer (E53), a ProxyDHCP without a DHCP server (E52), a ProxyDHCP that is silent on 4011 (E55);
each time slipway.efi goes on by itself when what was missing comes."""
import pytest

from lab import paths, says, small_disk
from lab.scripted_pxe import OFFER, ScriptedPxe, reply
from lab.timeouts import FIRMWARE, NETWORK

FOUND = r"boot file automation\.conf on 10\.77\.0\.2"


@pytest.fixture
def machine(lab):
    disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    return lab.machine("half", "52:54:00:00:01:03", disks=[disk], boot="disk")


def test_no_proxy(lab, machine):
    lab.dhcp.start()
    machine.start()
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(says.error("PXE-E53", "Cause:", "Cure:"), NETWORK)
    lab.pxe.start()
    machine.expect(FOUND, NETWORK)


def test_proxy_without_dhcp(lab, machine):
    lab.pxe.start()
    machine.start()
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(says.error("PXE-E52", "Cause:", "Cure:"), NETWORK)
    lab.dhcp.start()
    machine.expect(FOUND, NETWORK)


def test_proxy_silent_on_4011(lab, machine):
    lab.dhcp.start()
    silent = ScriptedPxe(lab.server_netns, lab.directory, [{"discover": [reply(OFFER)]}]).start()
    machine.start()
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(says.error("PXE-E55", r"10\.77\.0\.2", "Cause:", "Cure:"), NETWORK)
    silent.stop()
    lab.pxe.start()
    machine.expect(FOUND, NETWORK)
