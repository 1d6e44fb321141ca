# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of firmware that machines of the lab have, and what servers must know of them."""
import typing

from . import says


class Firmware(typing.NamedTuple):
    bios: bool
    nbp: str           # Slipway for it
    dnsmasq_name: str  # what dnsmasq calls its architecture in pxe-service lines
    greeting: str      # a pattern


UEFI = Firmware(False, "slipway.efi", "X86-64_EFI", says.GREETING)
BIOS = Firmware(True, "slipway.0", "x86PC", says.BIOS_GREETING)
BOTH = {"uefi": UEFI, "bios": BIOS}
