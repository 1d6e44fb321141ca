# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares file systems by the blocks that they use, with tools that are not ours."""
import re
import struct
import subprocess

PIECE = 4 << 20


def ext_free(image):
    """[(offset, size)] of the free blocks of an ext file system, from dumpe2fs."""
    text = subprocess.run(["dumpe2fs", image], check=True, capture_output=True, text=True).stdout
    block = int(re.search(r"^Block size:\s+(\d+)", text, re.MULTILINE)[1])
    ranges = []
    for line in re.findall(r"^  Free blocks: (.+)$", text, re.MULTILINE):
        for part in line.split(", "):
            first, _, last = part.partition("-")
            ranges.append((int(first) * block, (int(last or first) - int(first) + 1) * block))
    return ranges


def fat_free(image):
    """[(offset, size)] of the free clusters of a FAT16 or FAT32 file system."""
    with open(image, "rb") as file:
        boot = file.read(512)
        sector, per_cluster, reserved, fats, roots, small, _, fat16 = struct.unpack_from("<HBHBHHBH", boot, 11)
        large, fat32 = struct.unpack_from("<II", boot, 32)
        fat_sectors, sectors = fat16 or fat32, small or large
        start = reserved + fats * fat_sectors + roots * 32 // sector
        count = (sectors - start) // per_cluster
        file.seek(reserved * sector)
        width = "H" if fat16 else "I"
        table = struct.unpack_from(f"<{count + 2}{width}", file.read(fat_sectors * sector))
    cluster = per_cluster * sector
    return [(start * sector + (number - 2) * cluster, cluster) for number, entry in enumerate(table)
            if number >= 2 and entry & 0x0FFFFFFF == 0]


def swap_free(image):
    """[(offset, size)] of what lies behind the header page of a swap area."""
    return [(4096, image.stat().st_size - 4096)]


def differences(source, size, copy, free, offset=0):
    """Compares `size` bytes from `offset` of `source` with the file `copy`. Used bytes must be the same; what is free must
    be the same or zero. Returns a list of sentences, empty when all is well."""
    if copy.stat().st_size != size:
        return [f"{copy.name} has {copy.stat().st_size} bytes, not {size}"]
    found, at = [], 0
    with open(source, "rb") as a, open(copy, "rb") as b:
        for start, length in [*sorted(free), (size, 0)]:
            found += compare(a, b, offset, at, start - at, False)
            found += compare(a, b, offset, start, length, True)
            at = start + length
    return found


def compare(a, b, offset, start, length, zero_allowed):
    while length > 0:
        step = min(length, PIECE)
        a.seek(offset + start)
        b.seek(start)
        ours, theirs = a.read(step), b.read(step)
        if ours != theirs and not (zero_allowed and not any(theirs)):
            kind = "free" if zero_allowed else "used"
            return [f"{kind} bytes differ between {start} and {start + step}"]
        start, length = start + step, length - step
    return []
