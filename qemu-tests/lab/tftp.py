# SPDX-License-Identifier: GPL-2.0-or-later
"""TFTP servers beside dnsmasq's: atftpd, which knows windowsize (RFC 7440), and tftpd-hpa, which most sites have."""
from .server import Server
from .unpacked import unpack

PORT = 69


class Atftpd(Server):
    def __init__(self, netns, directory, root):
        super().__init__(netns, directory / "atftpd.log", [
            unpack("atftpd") / "usr/sbin/atftpd", "--daemon", "--no-fork", "--user", "root", "--group", "root",
            "--logfile", "-", "--verbose=6", root], PORT)


class TftpdHpa(Server):
    """It logs to syslog alone."""

    def __init__(self, netns, directory, root):
        super().__init__(netns, directory / "tftpd-hpa.log", [
            unpack("tftpd-hpa") / "usr/sbin/in.tftpd", "--foreground", "--user", "root", "--secure", root], PORT)
