# SPDX-License-Identifier: GPL-2.0-or-later
"""One file of 64 MiB by TFTP: slipway.efi, the firmware's own TFTP and iPXE (snponly.efi) in turn, from the same
atftpd, over lines with a round trip of 0, 1 and 10 ms.
`make bench-tftp [BENCH_DELAYS="0 1 10"] [BENCH_MIB=64] [BENCH_ROUNDS=3]`

The file is a program that prints the checksum of its contents, so a transfer counts only when every byte arrived. The
time is the packet capture's, from the request to the last acknowledgement. At 0 ms there is no relay in the way, and
the processor decides, with whatever else runs on it: the median of several rounds counts. A delay decides alone: one
round."""
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import payload
from lab.capture import Capture
from lab.lab import Lab
from lab.netns import SUBNET, command_in
from lab.relay import Relay
from lab.tftp import Atftpd, is_request
from lab.timeouts import FIRMWARE

DELAYS_MS = [int(word) for word in os.environ.get("BENCH_DELAYS", "0 1 10").split()]
SIZE = int(os.environ.get("BENCH_MIB", "64")) << 20
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SERVER = f"{SUBNET}.2"
FILE = "payload.efi"
SNPONLY = Path("/usr/lib/ipxe/snponly.efi")
IPXE_SCRIPT = f"#!ipxe\nimgfetch tftp://{SERVER}/{FILE}\nboot {FILE}\n"
# A client that acknowledges each block of 1432 bytes does not get further than this in one round trip.
SLOWEST_BLOCK = 1024
REQUESTS_AND_ACKS = f"udp and dst host {SERVER} and less 200"


@dataclass
class Client:
    """Who fetches the file: what its firmware loads first, and what that program is told to boot."""
    name: str
    mac: str
    first: str
    second: str


OURS = Client("ours", "52:54:00:00:04:01", "slipway.efi", FILE)
UEFI_FIRMWARE = Client("firmware", "52:54:00:00:04:02", FILE, FILE)
IPXE = Client("ipxe", "52:54:00:00:04:03", "snponly.efi", "boot.ipxe")
# What is compared, by the name of the result: our client, iPXE, and who else is measured.
COMPARISONS = {"tftp": (OURS, IPXE, (UEFI_FIRMWARE,))}


def prepare(lab):
    """Boot files, and a DHCP server that tells each client its own. Returns what the file prints when it is whole."""
    arrived = payload.build(lab.tftp / FILE, SIZE)
    (lab.tftp / "boot.ipxe").write_text(IPXE_SCRIPT)
    (lab.tftp / "snponly.efi").write_bytes(SNPONLY.read_bytes())
    lines = ["dhcp-userclass=set:second,Slipway", "dhcp-userclass=set:second,iPXE"]
    for ours, ipxe, others in COMPARISONS.values():
        for client in (ours, ipxe, *others):
            lines += [f"dhcp-mac=set:{client.name},{client.mac}",
                      f"dhcp-boot=tag:{client.name},tag:!second,{client.first},,{SERVER}",
                      f"dhcp-boot=tag:{client.name},tag:second,{client.second},,{SERVER}"]
    with open(lab.dhcp.config, "a", encoding="ascii") as config:
        config.write("\n".join(lines) + "\n")
    return arrived


def seconds_of(datagrams):
    """How long the transfer of FILE took. A client may ask for the size first: the longest transfer is the file's."""
    begins, ends = {}, {}
    for datagram in datagrams:
        if is_request(datagram, FILE):
            begins.setdefault(datagram.src_port, datagram.when)
        ends[datagram.src_port] = datagram.when
    return max(ends[port] - begin for port, begin in begins.items())


def fetch(lab, client, number, arrived, delay_ms):
    """Bytes per second of one boot."""
    capture = Capture(lab.network, lab.directory, REQUESTS_AND_ACKS)
    try:
        machine = lab.machine(f"{client.name}{number}", client.mac).start()
        machine.expect(arrived, 3 * FIRMWARE + SIZE / SLOWEST_BLOCK * delay_ms / 1000)
        machine.stop()
        return SIZE / seconds_of(capture.datagrams())
    finally:
        capture.stop()


def round_trip(lab):
    """What the fastest of some pings over the line takes, in milliseconds."""
    text = subprocess.run(command_in(lab.network.name, ["ping", "-q", "-c", "20", "-i", "0.05", SERVER]), check=True,
                          capture_output=True, text=True).stdout
    return float(re.search(r"= ([\d.]+)/", text)[1])


def rates(lab, clients, arrived, delay_ms):
    """{client's name: MB/s, median of all rounds}."""
    found = {client.name: [] for client in clients}
    for number in range(1 if delay_ms else ROUNDS):
        for client in clients:
            rate = fetch(lab, client, number, arrived, delay_ms) / 1e6
            found[client.name].append(rate)
            print(f"  {delay_ms} ms, round {number + 1}: {client.name} {rate:.2f} MB/s", flush=True)
    return {name: statistics.median(values) for name, values in found.items()}


def measure(delay_ms):
    """Prints the results over one line."""
    with Lab(f"bench-tftp-{delay_ms}", capture=False) as lab:
        arrived = prepare(lab)
        lab.dhcp.start()
        server = Atftpd(lab.server_netns, lab.directory, lab.tftp).start()
        relay = Relay(lab.network, lab.server_netns, delay_ms, lab.directory) if delay_ms else None
        try:
            print(f"{SIZE >> 20} MiB, a delay of {delay_ms} ms: ping takes {round_trip(lab):.2f} ms", flush=True)
            for name, (ours, ipxe, others) in COMPARISONS.items():
                rate = rates(lab, (ours, *others, ipxe), arrived, delay_ms)
                print(f"ratio {name}-{delay_ms}ms {rate[ours.name] / rate[ipxe.name]:.2f} "
                      f"(ours {rate[ours.name]:.2f} MB/s, ipxe {rate[ipxe.name]:.2f} MB/s)"
                      + "".join(f", {other.name} {rate[other.name]:.2f} MB/s" for other in others), flush=True)
        finally:
            if relay:
                relay.stop()
            server.stop()


def main():
    for delay_ms in DELAYS_MS:
        measure(delay_ms)
    return 0


if __name__ == "__main__":
    sys.exit(main())
