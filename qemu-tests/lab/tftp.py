# SPDX-License-Identifier: GPL-2.0-or-later
"""TFTP servers beside dnsmasq's: atftpd, which knows windowsize (RFC 7440), and tftpd-hpa, which most sites have."""
from .server import Server
from .unpacked import unpack

PORT = 69


class Atftpd(Server):
    """`mtftp` is a file by mtftp_config() and the port on which atftpd takes requests for the files in it."""

    def __init__(self, netns, directory, root, mtftp=None):
        options = ["--mtftp", mtftp[0], "--mtftp-port", mtftp[1]] if mtftp else []
        # It opens the files of MTFTP from where it is started.
        super().__init__(netns, directory / "atftpd.log", [
            unpack("atftpd") / "usr/sbin/atftpd", "--daemon", "--no-fork", "--user", "root", "--group", "root",
            "--logfile", "-", "--verbose=6", *options, root], PORT, cwd=root)


def mtftp_config(path, file, group, client_port):
    """Tells atftpd which file goes to which group."""
    path.write_text(f"{file} {group} {client_port}\n")
    return path


class TftpdHpa(Server):
    """It logs to syslog alone."""

    def __init__(self, netns, directory, root):
        super().__init__(netns, directory / "tftpd-hpa.log", [
            unpack("tftpd-hpa") / "usr/sbin/in.tftpd", "--foreground", "--user", "root", "--secure", root], PORT)


def is_request(datagram, file):
    """A captured datagram asks for `file`."""
    return datagram.dst_port == PORT and datagram.data.startswith(b"\0\1" + file.encode() + b"\0")
