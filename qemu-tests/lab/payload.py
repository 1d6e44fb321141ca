# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot files of any size that print the CRC-32 of what they carry."""
import os
import subprocess
import zlib

from . import paths

ADDRESS = 0x100000  # behind everything else in the image


def build(path, size):
    """Writes an EFI program with `size` random bytes. Returns a pattern for what it prints when all of them arrived."""
    data = os.urandom(size)
    raw = path.with_suffix(".payload")
    raw.write_bytes(data)
    try:
        subprocess.run(["objcopy", "--add-section", f".payload={raw}", "--change-section-vma", f".payload={ADDRESS:#x}",
                        "--set-section-flags", ".payload=contents,alloc,load,readonly,data", paths.PAYLOAD_EFI, path],
                       check=True)
    finally:
        raw.unlink()
    return f"Payload of 0x{size:08x} bytes, CRC-32 {zlib.crc32(data):08x}[\r\n]"
