# SPDX-License-Identifier: GPL-2.0-or-later
"""atftpd, which knows windowsize (RFC 7440) where dnsmasq does not.

It is unpacked, not installed: the package would start it, and excludes other TFTP servers."""
import subprocess

from . import paths
from .netns import Process


def ensure_atftpd():
    if paths.ATFTPD.exists():
        return paths.ATFTPD
    target = paths.LAB / "atftpd"
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "-qq", "download", "-o", "APT::Sandbox::User=root", "atftpd"], cwd=target, check=True)
    subprocess.run(["dpkg", "-x", next(target.glob("atftpd_*.deb")), target], check=True)
    return paths.ATFTPD


class Atftpd:
    """atftpd on port 69 of a namespace."""

    def __init__(self, netns, directory, root):
        self.command = [ensure_atftpd(), "--daemon", "--no-fork", "--user", "root", "--group", "root", "--logfile", "-",
                        "--verbose=6", root]
        self.netns, self.log = netns, directory / "atftpd.log"
        self.process = None

    def start(self):
        self.process = Process(self.netns, self.command, self.log)
        self.process.wait_until(lambda: "started" in self.log.read_text(), 10, "a TFTP server")
        return self

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None
