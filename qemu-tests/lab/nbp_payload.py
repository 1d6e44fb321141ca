# SPDX-License-Identifier: GPL-2.0-or-later
"""BIOS boot programs of any size that say how they were entered, and whether all of them is there."""
import os
import struct

from . import paths

PROGRAM = paths.LAB / "nbp_payload.0"
PARAGRAPH = 16
PARAGRAPHS_AT, ADJUST_AT = 4, 6


def build(path, size):
    """Writes a boot program of `size` bytes (whole paragraphs), random behind its code."""
    code = PROGRAM.read_bytes()
    data = bytearray(code + os.urandom(size - len(code)))
    struct.pack_into("<HH", data, PARAGRAPHS_AT, size // PARAGRAPH, 0)
    total = sum(struct.unpack(f"<{size // 2}H", data))
    struct.pack_into("<H", data, ADJUST_AT, -total & 0xffff)
    path.write_bytes(data)


def says(pxe=True, whole=True):
    """A pattern for what it prints when it was entered as a ROM enters it: one with a !PXE structure, or an older one."""
    return (r"Boot program at 0000:7C00 y, ES:BX at PXENV\+ y, SS:\[SP\+4\] at !PXE "
            f"{'y' if pxe else 'n'}, whole {'y' if whole else 'n'}")
