# SPDX-License-Identifier: GPL-2.0-or-later
"""slipway.efi on a disk's ESP: no packets from the firmware, so it does all of DHCP itself, quickly, and comes to
automation."""
import time

from lab import paths, says, small_disk
from lab.tftp import is_request
from lab.timeouts import BOOT, FIRMWARE

MAC = "52:54:00:00:01:01"
USER_CLASS = bytes([77, 8, 7]) + b"Slipway"  # option 77 as RFC 3004 has it
DHCP_SERVER_PORT, PROXY_PORT = 67, 4011
BOOTS = 3


def boot(lab, machine):
    """Switches the machine on; returns the seconds from slipway.efi's first packet to its request for the boot file."""
    since = time.time()
    machine.start()
    assert "the network" not in machine.expect(says.GREETING + r".*started from (.*)[\r\n]", FIRMWARE)[1]
    assert ">>Start PXE" not in machine.serial.text
    machine.expect(r"Address 10\.77\.0\.\d+ from 10\.77\.0\.1, boot file automation\.conf on 10\.77\.0\.2", BOOT)
    machine.expect(says.STARTING_KERNEL, BOOT)
    sent = [datagram for datagram in lab.capture.datagrams() if datagram.mac == MAC and datagram.when >= since]
    first = next(d for d in sent if d.dst_port == DHCP_SERVER_PORT and USER_CLASS in d.data)
    request = next(d for d in sent if is_request(d, "automation.conf"))
    assert any(d.dst_port == PROXY_PORT and first.when < d.when < request.when for d in sent)
    return request.when - first.when


def test_started_from_disk(lab):
    disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    lab.start()
    machine = lab.machine("stick", MAC, disks=[disk], boot="disk")
    # The one promise about time: DHCP, address probe, ProxyDHCP and UDP 4011 within a second. A machine that is busy
    # with something else has more than one try.
    seconds = [boot(lab, machine)]
    found = lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), BOOT)
    assert found["address"].startswith("10.77.0.1")
    while min(seconds) >= 1 and len(seconds) < BOOTS:
        machine.stop()
        seconds.append(boot(lab, machine))
    assert min(seconds) < 1, seconds
