# SPDX-License-Identifier: GPL-2.0-or-later
"""MTFTP, PXE 2.1's multicast TFTP, with atftpd: machines that start one after the other share one transfer; without an
MTFTP server the file comes by TFTP."""
import struct

import pytest

from lab import payload, says
from lab.dnsmasq import name_boot_file
from lab.netns import ip
from lab.tftp import Atftpd, is_request, mtftp_config
from lab.timeouts import FIRMWARE, NETWORK

MIB = 1 << 20
FILE = "shared.efi"
GROUP = "239.255.1.1"
CLIENT_PORT, SERVER_PORT = 1758, 1759
LISTEN_S, REOPEN_S = 2, 2


def mtftp_options():
    """The lines that give slipway.efi tags 1 to 5 of option 43."""
    tags = (GROUP, struct.pack("<H", CLIENT_PORT).hex(":"), struct.pack("<H", SERVER_PORT).hex(":"), LISTEN_S, REOPEN_S)
    return ["dhcp-option-force=tag:slipway,60,PXEClient"] + [
        f"dhcp-option=tag:slipway,vendor:PXEClient,{tag},{value}" for tag, value in enumerate(tags, 1)]


@pytest.fixture
def site(lab):
    """The lab with the boot file's size and the MTFTP server left open: call it with both."""
    servers = []

    def start(size, mtftp):
        arrived = payload.build(lab.tftp / FILE, size)
        config = mtftp_config(lab.directory / "mtftp.conf", FILE, GROUP, CLIENT_PORT)
        name_boot_file(lab.dhcp, FILE, *mtftp_options())
        lab.dhcp.start()
        ip("route", "add", "224.0.0.0/4", "dev", "eth0", netns=lab.server_netns)
        servers.append(Atftpd(lab.server_netns, lab.directory, lab.tftp, (config, SERVER_PORT) if mtftp else None))
        servers[0].start()
        return arrived

    yield start
    for server in servers:
        server.stop()


def group_bytes(capture):
    """File bytes that were sent to the group: what is behind the header of every block."""
    return sum(datagram.size - 4 for datagram in capture.datagrams() if datagram.dst == GROUP)


def test_two_machines_share_one_transfer(lab, site):
    size = 8 * MIB
    arrived = site(size, mtftp=True)
    first = lab.machine("first", "52:54:00:00:01:21").start()
    second = lab.machine("second", "52:54:00:00:01:22").start()
    second.expect(says.GREETING, FIRMWARE)
    second.qmp.command("stop")
    first.expect(r"shared\.efi +[1-9][\d.]* MB", FIRMWARE)
    # The first one holds the transfer up until the second one listens.
    first.qmp.command("stop")
    second.qmp.command("cont")
    second.expect(r"boot file shared\.efi on", NETWORK)
    first.qmp.command("cont")
    first.expect(arrived, NETWORK)
    second.expect(arrived, NETWORK)
    assert "MTFTP failed" not in first.serial.text + second.serial.text
    sent = group_bytes(lab.capture)
    # Both have shown that their file is whole; the capture may miss a packet on a busy machine.
    assert 0.9 * size < sent < 1.5 * size, f"{sent} bytes to the group for a file of {size}"
    assert not any(is_request(datagram, FILE) for datagram in lab.capture.datagrams())


def test_without_an_mtftp_server(lab, site):
    arrived = site(MIB, mtftp=False)
    machine = lab.machine("alone", "52:54:00:00:01:23").start()
    machine.expect(rf"MTFTP failed, TFTP follows: PXE-E32, no answer to 4 MTFTP requests to UDP {SERVER_PORT}",
                   FIRMWARE + NETWORK)
    machine.expect(arrived, NETWORK)
