# SPDX-License-Identifier: GPL-2.0-or-later
"""A boot file of 100 MiB by TFTP: its block numbers wrap, and in the middle somebody else wants something from the
machine."""
from lab import payload
from lab.dnsmasq import name_boot_file
from lab.netns import Process, ip
from lab.tftp import Atftpd
from lab.timeouts import FIRMWARE, NETWORK, SOON

MIB = 1 << 20
FILE = "large.efi"


def test_a_large_file_and_a_neighbour(lab):
    arrived = payload.build(lab.tftp / FILE, 100 * MIB)
    name_boot_file(lab.dhcp, FILE)
    lab.dhcp.start()
    server = Atftpd(lab.server_netns, lab.directory, lab.tftp).start()
    try:
        machine = lab.machine("large", "52:54:00:00:01:24").start()
        address = machine.expect(r"Address (10\.77\.0\.\d+) from", FIRMWARE)[1]
        machine.expect(r"large\.efi +[1-9][\d.]* of ", NETWORK)
        # Before it can be pinged, ARP has to find it: that, and the ping, are for the firmware's stack.
        ping = Process(lab.network.name, ["ping", "-c", "30", "-i", "0.5", address], lab.directory / "ping.log")
        ping.wait_until(lambda: "lladdr" in ip("neighbour", "show", address, netns=lab.network.name), SOON, "an answer")
        machine.expect(arrived, NETWORK)
    finally:
        server.stop()
