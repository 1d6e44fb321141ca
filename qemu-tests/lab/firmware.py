# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of firmware that machines of the lab have, and what servers must know of them."""
import typing

import pytest

from . import says


class Firmware(typing.NamedTuple):
    bios: bool
    nbp: str           # Slipway for it
    dnsmasq_name: str  # what dnsmasq calls its architecture in pxe-service lines
    greeting: str      # a pattern
    vendor_class: str  # option 60
    keys: dict         # what its serial console takes for keys that are no characters


UEFI = Firmware(False, "slipway.efi", "X86-64_EFI", says.GREETING, "PXEClient:Arch:00007:UNDI:003001", {
    "up": "\x1b[A", "down": "\x1b[B", "end": "\x1b[F", "page up": "\x1b[I", "page down": "\x1b[G", "F8": "\x1b[T"})
BIOS = Firmware(True, "slipway.0", "x86PC", says.BIOS_GREETING, "PXEClient:Arch:00000:UNDI:002001", {
    "up": "\x1b[A", "down": "\x1b[B", "end": "\x1b[F", "page up": "\x1b[5~", "page down": "\x1b[6~", "F8": "\x1b[19~"})
BOTH = {"uefi": UEFI, "bios": BIOS}
# A scenario with the parameter `firmware` runs once on each.
on_each = pytest.mark.parametrize("firmware", BOTH.values(), ids=BOTH)
