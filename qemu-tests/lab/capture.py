# SPDX-License-Identifier: GPL-2.0-or-later
"""What went over the bridge: everything but the bulk of the HTTP transfers."""
import socket
import struct
import time
from dataclasses import dataclass

from .netns import Process
from .timeouts import SOON

FILTER = "not tcp or tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0"
# Enough for a DHCP packet with the options of a PXE client.
KEPT_BYTES = "600"
BUFFER_KIB = "16384"  # the machines under test and tcpdump share two processors
# The kernel hands packets to tcpdump in batches, once in a second at least.
BATCH_S = 1.5


@dataclass
class Datagram:
    """A UDP datagram of the capture: when it came (seconds), `size` bytes of which `data` holds the first ones."""
    when: float
    mac: str
    src: str
    src_port: int
    dst: str
    dst_port: int
    size: int
    data: bytes


class Capture:
    def __init__(self, network, directory, what=FILTER):
        self.file = directory / "bridge.pcap"
        log = directory / "tcpdump.log"
        log.unlink(missing_ok=True)
        self.process = Process(network.name, ["tcpdump", "-i", "br0", "-n", "-U", "-B", BUFFER_KIB, "-s", KEPT_BYTES, "-Z", "root",
                                              "-w", self.file, what], log)
        self.process.wait_until(lambda: "listening on" in log.read_text(), SOON, "a capture on the bridge")

    def stop(self):
        self.process.stop()

    def datagrams(self):
        """All UDP datagrams so far that went over IPv4 in one piece."""
        if self.process.alive():
            time.sleep(BATCH_S)
        data, at = self.file.read_bytes(), 24
        found = []
        while len(data) - at >= 16:
            seconds, micros, kept, _ = struct.unpack_from("<IIII", data, at)
            datagram = parse(seconds + micros / 1e6, data[at + 16:at + 16 + kept])
            found += [datagram] if datagram else []
            at += 16 + kept
        return found


def parse(when, frame):
    """The datagram in an Ethernet frame, None when there is none."""
    if frame[12:14] != b"\x08\x00" or len(frame) < 42 or frame[23] != socket.IPPROTO_UDP or frame[14] != 0x45:
        return None
    if struct.unpack_from("!H", frame, 20)[0] & 0x3FFF:
        return None
    src_port, dst_port, size = struct.unpack_from("!HHH", frame, 34)
    src, dst = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
    return Datagram(when, frame[6:12].hex(":"), src, src_port, dst, dst_port, size - 8, frame[42:])
