# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts say on the console, as far as scenarios wait for it."""
GREETING = r"Slipway \d+\.\d+\.\d+ \(UEFI x64\)"
TRYING_AGAIN = r"Trying again in \d+ s"
STARTING_KERNEL = r"Starting the kernel"
LOCAL_BOOT = r"Local boot: ([^\r\n]+)[\r\n]"
GRUB = r"Welcome to GRUB!"


def error(code, *details):
    """A pattern for slipway.efi's report of an error, with `details` in the lines that follow."""
    return rf"{code}: " + "".join(rf"[\s\S]{{0,400}}?{detail}" for detail in details)
