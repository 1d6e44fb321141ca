# SPDX-License-Identifier: GPL-2.0-or-later
"""A switch port that carries one VLAN, tagged, and nothing untagged: what is on the bridge is that VLAN. Kernels without
802.1Q cannot do it themselves.

    br0 -- trunk0 --(this program: the tag)-- trunk1 -- br-trunk -- the machine's tap
"""
import os
import select
import struct
import sys

from . import paths
from .netns import Process, ip
from .relay import FRAME_MAX, open_tap
from .timeouts import SOON

TPID = 0x8100
ADDRESSES = 12  # bytes before a tag


class TaggedPort:
    """Moves a machine's cable to the port. One for each lab."""

    def __init__(self, network, tap, vlan, directory):
        ip("link", "add", "br-trunk", "type", "bridge", "stp_state", "0", "forward_delay", "0", netns=network.name)
        ip("link", "set", "br-trunk", "up", netns=network.name)
        for name, bridge in (("trunk0", "br0"), ("trunk1", "br-trunk")):
            ip("tuntap", "add", name, "mode", "tap", netns=network.name)
            ip("link", "set", name, "master", bridge, "up", netns=network.name)
        ip("link", "set", tap, "master", "br-trunk", netns=network.name)
        self.log = directory / "vlan.log"
        self.process = Process(network.name, [sys.executable, "-m", "lab.vlan", "trunk0", "trunk1", vlan], self.log,
                               cwd=paths.ROOT / "qemu-tests")
        self.process.wait_until(lambda: "carrying" in self.log.read_text(), SOON, "a tagged port")

    def stop(self):
        self.process.stop()


def tagged(frame, vlan):
    return frame[:ADDRESSES] + struct.pack("!HH", TPID, vlan) + frame[ADDRESSES:]


def untagged(frame, vlan):
    """The frame without its tag; None for one that has no tag, or another VLAN's."""
    kind, tag = struct.unpack_from("!HH", frame, ADDRESSES)
    return frame[:ADDRESSES] + frame[ADDRESSES + 4:] if kind == TPID and tag & 0xFFF == vlan else None


def run(access, trunk, vlan):
    while True:
        for tap in select.select([access, trunk], [], [])[0]:
            frame = os.read(tap, FRAME_MAX)
            changed = tagged(frame, vlan) if tap == access else untagged(frame, vlan)
            if changed:
                os.write(trunk if tap == access else access, changed)


def main():
    access, trunk = open_tap(sys.argv[1]), open_tap(sys.argv[2])
    print(f"carrying VLAN {sys.argv[3]}", flush=True)
    run(access, trunk, int(sys.argv[3]))


if __name__ == "__main__":
    main()
