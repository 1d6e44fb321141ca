# SPDX-License-Identifier: GPL-2.0-or-later
"""A long line between a server and the bridge: every frame waits half of the round trip, in either direction. Kernels
without netem cannot do it themselves.

    br0 -- near --(this program)-- far -- br-far -- the server's veth
"""
import collections
import fcntl
import os
import select
import struct
import sys
import time

from . import paths
from .netns import Process, ip
from .timeouts import SOON

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
FRAME_MAX = 65536
BURST = 64


class Relay:
    """Moves the server `netns` of `network` to the far end of the line. stop() leaves it cut off."""

    def __init__(self, network, netns, round_trip_ms, directory):
        ip("link", "add", "br-far", "type", "bridge", "stp_state", "0", "forward_delay", "0", netns=network.name)
        ip("link", "set", "br-far", "up", netns=network.name)
        for tap, bridge in (("near", "br0"), ("far", "br-far")):
            ip("tuntap", "add", tap, "mode", "tap", netns=network.name)
            ip("link", "set", tap, "master", bridge, "up", netns=network.name)
        ip("link", "set", port_of(network, netns), "master", "br-far", netns=network.name)
        log = directory / "relay.log"
        self.process = Process(network.name, [sys.executable, "-m", "lab.relay", "near", "far", round_trip_ms / 2], log,
                               cwd=paths.ROOT / "qemu-tests")
        self.process.wait_until(lambda: "relaying" in log.read_text(), SOON, "a line between two taps")

    def stop(self):
        self.process.stop()


def port_of(network, netns):
    """The name, on the bridge's side, of the veth whose other end is eth0 of a server."""
    index = ip("-o", "link", "show", "eth0", netns=netns).split("@if")[1].split(":")[0]
    line = next(line for line in ip("-o", "link", netns=network.name).splitlines() if line.startswith(f"{index}:"))
    return line.split()[1].split("@")[0]


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def take(tap, to, due, waiting):
    """Queues what has arrived at one end."""
    for _ in range(BURST):
        try:
            waiting.append((due, to, os.read(tap, FRAME_MAX)))
        except BlockingIOError:
            return


def run(one, two, delay):
    """All frames wait equally long, so they are due in the order of their arrival."""
    waiting = collections.deque()
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, to, frame = waiting.popleft()
            os.write(to, frame)
        ready = select.select([one, two], [], [], max(0, waiting[0][0] - time.monotonic()) if waiting else None)[0]
        for tap in ready:
            take(tap, two if tap == one else one, time.monotonic() + delay, waiting)


def main():
    one, two = open_tap(sys.argv[1]), open_tap(sys.argv[2])
    print("relaying", flush=True)
    run(one, two, float(sys.argv[3]) / 1000)


if __name__ == "__main__":
    main()
