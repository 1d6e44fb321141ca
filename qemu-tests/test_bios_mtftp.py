# SPDX-License-Identifier: GPL-2.0-or-later
"""MTFTP on BIOS with atftpd: over the UDP of iPXE's ROM, by the call that other ROMs have for it, and when there is none."""
import struct

from lab import nbp_payload, says
from lab.netns import SUBNET, ip
from lab.tftp import Atftpd, is_request, mtftp_config
from lab.timeouts import FIRMWARE, NETWORK

FILE = "shared.0"
SIZE = 400 << 10
GROUP = "239.255.1.2"
CLIENT_PORT, SERVER_PORT = 1758, 1759
LISTEN_S, REOPEN_S = 1, 1
# What iPXE answers to the question whether it is one.
IPXE = struct.pack("<I", 0xe9c17b20)


def name_shared_file(dhcp):
    """slipway.0 for the ROM, and for slipway.0 the file with tags 1 to 5 of option 43."""
    tags = (GROUP, struct.pack("<H", CLIENT_PORT).hex(":"), struct.pack("<H", SERVER_PORT).hex(":"), LISTEN_S, REOPEN_S)
    lines = ["dhcp-userclass=set:slipway,Slipway", f"dhcp-boot=tag:!slipway,slipway.0,,{SUBNET}.2",
             f"dhcp-boot=tag:slipway,{FILE},,{SUBNET}.2", "dhcp-option-force=tag:slipway,60,PXEClient",
             *(f"dhcp-option=tag:slipway,vendor:PXEClient,{tag},{value}" for tag, value in enumerate(tags, 1))]
    with open(dhcp.config, "a", encoding="ascii") as config:
        config.write("\n".join(lines) + "\n")


def boot(lab, name, mac):
    machine = lab.machine(name, mac, bios=True).start()
    machine.expect(says.BIOS_GREETING, FIRMWARE)
    machine.expect(says.boots(FILE, f"{SUBNET}.2"), NETWORK)
    return machine


def test_bios_mtftp(lab):
    nbp_payload.build(lab.tftp / FILE, SIZE)
    name_shared_file(lab.dhcp)
    lab.dhcp.start()
    ip("route", "add", "224.0.0.0/4", "dev", "eth0", netns=lab.server_netns)
    config = mtftp_config(lab.directory / "mtftp.conf", FILE, GROUP, CLIENT_PORT)
    server = Atftpd(lab.server_netns, lab.directory, lab.tftp, (config, SERVER_PORT))
    server.start()
    try:
        machine = boot(lab, "group", "52:54:00:00:08:21")
        machine.expect(nbp_payload.says(), NETWORK)
        assert "MTFTP failed" not in machine.serial.text
        machine.stop()
    finally:
        server.stop()
    sent = [datagram for datagram in lab.capture.datagrams() if datagram.dst == GROUP]
    # The program itself has shown that it is whole; the capture may miss a packet on a busy machine.
    assert sum(datagram.size - 4 for datagram in sent) > 0.9 * SIZE
    assert not any(is_request(datagram, FILE) for datagram in lab.capture.datagrams())

    server = Atftpd(lab.server_netns, lab.directory, lab.tftp)
    server.start()
    try:
        machine = boot(lab, "alone", "52:54:00:00:08:22")
        machine.expect(rf"MTFTP failed, TFTP follows: PXE-E32, no answer to 4 MTFTP requests to UDP {SERVER_PORT}\s+"
                       rf"for {FILE}[\r\n]",
                       NETWORK)
        machine.expect(nbp_payload.says(), NETWORK)
        machine.stop()

        # iPXE has the call of other ROMs, and takes TFTP for it.
        program = (lab.tftp / "slipway.0").read_bytes()
        assert IPXE in program
        (lab.tftp / "slipway.0").write_bytes(program.replace(IPXE, bytes(4)))
        machine = boot(lab, "other", "52:54:00:00:08:23")
        machine.expect(rf"{FILE}  409\.[67] kB in", NETWORK)
        machine.expect(nbp_payload.says(), NETWORK)
        assert "MTFTP failed" not in machine.serial.text
        machine.stop()
        (lab.tftp / FILE).unlink()
        machine = boot(lab, "absent", "52:54:00:00:08:24")
        machine.expect(r"MTFTP failed, TFTP follows: PXE-E35, the ROM's TFTP_READ_FILE: PXENV_STATUS_\w+ \(..\)[\r\n]",
                       NETWORK)
        machine.expect(says.error("PXE-E3B", f"{SUBNET}.2", "error 1"), NETWORK)
    finally:
        server.stop()
