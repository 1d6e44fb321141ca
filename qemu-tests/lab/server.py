# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers of other people, started as they come and stopped with the lab."""
import subprocess

from .netns import Process, command_in
from .timeouts import SOON


class Server:
    """A program that serves one port of a namespace. It is ready when the port is open: not all of them say so."""

    def __init__(self, netns, log, command, port, kind="udp", **options):
        self.netns, self.log, self.command, self.port, self.kind = netns, log, command, port, kind
        self.options = options
        self.process = None

    def ready(self):
        sockets = subprocess.run(command_in(self.netns, ["ss", "-Hln", f"--{self.kind}"]), capture_output=True,
                                 text=True, check=True).stdout
        return any(line.split()[3].endswith(f":{self.port}") for line in sockets.splitlines())

    def start(self):
        self.process = Process(self.netns, self.command, self.log, **self.options)
        self.process.wait_until(self.ready, SOON, f"port {self.port}")
        return self

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None
