# SPDX-License-Identifier: GPL-2.0-or-later
"""64 MiB by TFTP: slipway.efi, the firmware's own TFTP and iPXE (snponly.efi) in turn, from the same atftpd, over lines
with a round trip of 0, 1 and 10 ms; and on BIOS machines slipway.0 and PXELINUX, behind the same ROM.
`make bench-tftp [BENCH_DELAYS="0 1 10"] [BENCH_MIB=64] [BENCH_ROUNDS=3] [BENCH_TFTP="tftp tftp-bios"]`

On UEFI the file is a program that prints the checksum of its contents. On BIOS it is an initramfs, with a file behind
it whose checksum the kernel looks at, and the kernel belongs to the transfer: so a transfer counts only when every byte
arrived. The time is the packet capture's, from the request to the last acknowledgement. At 0 ms there is no relay in
the way, and the processor decides, with whatever else runs on it: the median of several rounds counts. A delay decides
alone: one round, and on BIOS the kernel and automation's own initramfs (19 MB), which take PXELINUX minutes."""
import os
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench_boot_bios import LDLINUX, PXELINUX, pxelinux_config
from lab import payload, says
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
BIOS_FILES = ("vmlinuz", "payload.img")
SNPONLY = Path("/usr/lib/ipxe/snponly.efi")
IPXE_SCRIPT = f"#!ipxe\nimgfetch tftp://{SERVER}/{FILE}\nboot {FILE}\n"
# A client that acknowledges each block of 1432 bytes does not get further than this in one round trip.
SLOWEST_BLOCK = 1024
REQUESTS_AND_ACKS = f"udp and dst host {SERVER} and less 200"


@dataclass
class Client:
    """Who fetches the files: what its firmware loads first, what the program with `user_class` is told to boot, and
    what the machine says when all is in (nothing: what payload.efi says)."""
    name: str
    mac: str
    first: str
    second: str
    user_class: str
    arrived: str = ""
    files: tuple = (FILE,)
    options: dict = field(default_factory=dict)


OURS = Client("ours", "52:54:00:00:04:01", "slipway.efi", FILE, "Slipway")
UEFI_FIRMWARE = Client("firmware", "52:54:00:00:04:02", FILE, FILE, "Slipway")
IPXE = Client("ipxe", "52:54:00:00:04:03", "snponly.efi", "boot.ipxe", "iPXE")
BIOS = {"arrived": says.AUTOMATION, "files": BIOS_FILES, "options": {"bios": True}}
OURS_BIOS = Client("ours-bios", "52:54:00:00:04:04", "slipway.0", "payload.conf", "Slipway", **BIOS)
PXELINUX_BIOS = Client("pxelinux", "52:54:00:00:04:05", PXELINUX.name, PXELINUX.name, "Slipway", **BIOS)
# What is compared, by the name of the result: our client, the other, and who else is measured.
COMPARISONS = {"tftp": (OURS, IPXE, (UEFI_FIRMWARE,)), "tftp-bios": (OURS_BIOS, PXELINUX_BIOS, ())}
CHOSEN = os.environ.get("BENCH_TFTP", " ".join(COMPARISONS)).split()


def cpio_entry(name, mode, data):
    """One file of an archive with checksums (070702), which the kernel compares."""
    fields = (1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, sum(data) & 0xffffffff)
    head = b"070702" + b"".join(b"%08x" % value for value in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def prepare_bios(lab, size):
    """The automation's boot entry with a file of `size` more in its initramfs, for slipway.0 and for PXELINUX."""
    initramfs = (lab.tftp / "initramfs.zst").read_bytes()
    (lab.tftp / "payload.img").write_bytes(initramfs + bytes(-len(initramfs) % 4)
                                           + cpio_entry("payload", 0o100644, os.urandom(size))
                                           + cpio_entry("TRAILER!!!", 0, b""))
    entry = (lab.tftp / "automation.conf").read_text().replace("initramfs.zst", "payload.img")
    (lab.tftp / "payload.conf").write_text(entry)
    for program in (PXELINUX, LDLINUX):
        shutil.copyfile(program, lab.tftp / program.name)
    (lab.tftp / "pxelinux.cfg").mkdir()
    (lab.tftp / "pxelinux.cfg" / "default").write_text(pxelinux_config(entry))


def prepare(lab, bios_size):
    """Boot files, and a DHCP server that tells each client its own. Returns what payload.efi prints when it is whole."""
    arrived = payload.build(lab.tftp / FILE, SIZE)
    (lab.tftp / "boot.ipxe").write_text(IPXE_SCRIPT)
    (lab.tftp / "snponly.efi").write_bytes(SNPONLY.read_bytes())
    prepare_bios(lab, bios_size)
    lines = ["dhcp-userclass=set:Slipway,Slipway", "dhcp-userclass=set:iPXE,iPXE"]
    for ours, other, others in COMPARISONS.values():
        for client in (ours, other, *others):
            lines += [f"dhcp-mac=set:{client.name},{client.mac}",
                      f"dhcp-boot=tag:{client.name},tag:!{client.user_class},{client.first},,{SERVER}",
                      f"dhcp-boot=tag:{client.name},tag:{client.user_class},{client.second},,{SERVER}"]
    with open(lab.dhcp.config, "a", encoding="ascii") as config:
        config.write("\n".join(lines) + "\n")
    return arrived


def seconds_of(datagrams, files):
    """From the first request for one of `files` to the last packet of its transfers. A client may ask for the size of a
    single file first, by a request of its own: the longest transfer is the file's."""
    begins, ends = {}, {}
    for datagram in datagrams:
        if any(is_request(datagram, file) for file in files):
            begins.setdefault(datagram.src_port, datagram.when)
        ends[datagram.src_port] = datagram.when
    if len(files) == 1:
        return max(ends[port] - begin for port, begin in begins.items())
    return max(ends[port] for port in begins) - min(begins.values())


def fetch(lab, client, number, arrived, delay_ms):
    """Bytes per second of one boot."""
    capture = Capture(lab.network, lab.directory, REQUESTS_AND_ACKS)
    size = sum((lab.tftp / file).stat().st_size for file in client.files)
    try:
        machine = lab.machine(f"{client.name}{number}", client.mac, **client.options).start()
        machine.expect(client.arrived or arrived, 6 * FIRMWARE + size / SLOWEST_BLOCK * delay_ms / 1000)
        machine.stop()
        assert "unpacking failed" not in machine.serial.text
        return size / seconds_of(capture.datagrams(), client.files)
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
        arrived = prepare(lab, 0 if delay_ms else SIZE)
        lab.dhcp.start()
        server = Atftpd(lab.server_netns, lab.directory, lab.tftp).start()
        relay = Relay(lab.network, lab.server_netns, delay_ms, lab.directory) if delay_ms else None
        try:
            print(f"{SIZE >> 20} MiB, a delay of {delay_ms} ms: ping takes {round_trip(lab):.2f} ms", flush=True)
            for name in CHOSEN:
                ours, theirs, others = COMPARISONS[name]
                rate = rates(lab, (ours, *others, theirs), arrived, delay_ms)
                print(f"ratio {name}-{delay_ms}ms {rate[ours.name] / rate[theirs.name]:.2f} "
                      f"(ours {rate[ours.name]:.2f} MB/s, {theirs.name} {rate[theirs.name]:.2f} MB/s)"
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
