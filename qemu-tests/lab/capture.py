# SPDX-License-Identifier: GPL-2.0-or-later
"""What went over the bridge: everything but the bulk of the HTTP transfers."""
from .netns import Process

FILTER = "not tcp or tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0"


class Capture:
    def __init__(self, network, directory):
        self.file = directory / "bridge.pcap"
        log = directory / "tcpdump.log"
        self.process = Process(network.name, ["tcpdump", "-i", "br0", "-n", "-U", "-s", "400", "-Z", "root", "-w",
                                              self.file, FILTER], log)
        self.process.wait_until(lambda: "listening on" in log.read_text(), 10, "a capture on the bridge")

    def stop(self):
        self.process.stop()
