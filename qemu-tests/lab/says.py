# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts say on the console, as far as scenarios wait for it."""
import re

GREETING = r"Slipway \d+\.\d+\.\d+ \(UEFI x64\)"
BIOS_GREETING = r"Slipway \d+\.\d+\.\d+ \(BIOS\)"
BSTRAP_GREETING = r"Slipway \d+\.\d+\.\d+ \(bstrap\)"
TRYING_AGAIN = r"Trying again in \d+ s"
STARTING_KERNEL = r"Starting the kernel"
LOCAL_BOOT = r"Local boot: ([^\r\n]+)[\r\n]"
AUTOMATION = r"Slipway \d[\d.]+ automation"
GRUB = r"Welcome to GRUB!"


def boots(file, server):
    """A pattern for the line that ends DHCP: the boot file, and the server that it is on."""
    return rf"Address [\d.]+ from [\d.]+, boot file {re.escape(file)} on {re.escape(server)}[\r\n]"


def error(code, *details):
    """A pattern for the report of an error, with `details` in the lines that follow; the screen may begin a new line at any
    of their blanks."""
    broken = (re.sub(r" (?![+*?{])", r"\\s+", detail) for detail in details)
    return rf"{code}: " + "".join(rf"[\s\S]{{0,400}}?{detail}" for detail in broken)
