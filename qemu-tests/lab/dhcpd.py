# SPDX-License-Identifier: GPL-2.0-or-later
"""ISC's dhcpd, which sends option 43 byte for byte as its configuration has it."""
from .netns import SUBNET
from .server import Server
from .unpacked import unpack

HEAD = f"""authoritative;
subnet {SUBNET}.0 netmask 255.255.255.0 {{
  range {SUBNET}.100 {SUBNET}.199;
  option routers {SUBNET}.254;
}}
"""


def tag(code, value):
    """One tag of option 43."""
    return bytes([code, len(value)]) + value


def vendor_options(*tags):
    """The line that sends tags as option 43."""
    return "option vendor-encapsulated-options " + ":".join(f"{byte:02x}" for byte in b"".join(tags) + b"\xff") + ";"


class Dhcpd(Server):
    """`firmware` and `slipway` are statements for the PXE firmware and for Slipway, which its user class tells apart. dhcpd
    takes option 77 as it comes: the first byte is the length of the name (RFC 3004)."""

    def __init__(self, netns, directory, firmware, slipway):
        config, leases = directory / "dhcpd.conf", directory / "dhcpd.leases"
        lines = [HEAD, 'if substring(option user-class, 1, 7) = "Slipway" {', *slipway,
                 '} elsif substring(option vendor-class-identifier, 0, 9) = "PXEClient" {', *firmware, "}"]
        config.write_text("\n".join(lines) + "\n")
        leases.touch()
        super().__init__(netns, directory / "dhcpd.log", [
            unpack("isc-dhcp-server") / "usr/sbin/dhcpd", "-4", "-f", "-d", "-cf", config, "-lf", leases, "-pf",
            directory / "dhcpd.pid", "eth0"], 67)
