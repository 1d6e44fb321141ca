# SPDX-License-Identifier: GPL-2.0-or-later
"""Registry hives of Windows from nothing: an empty one, filled by hivexregedit."""
import struct
import subprocess

NOTHING = 0xFFFFFFFF


def empty():
    """One bin with a root key and a security descriptor that nobody is in."""
    root = struct.pack("<iHHQIIIIIIIIIIIIIIIHH4s4x", -88, 0x6B6E, 0x2C, 0, 0, NOTHING, 0, 0, NOTHING, NOTHING, 0, NOTHING,
                       120, NOTHING, 0, 0, 0, 0, 0, 4, 0, b"ROOT")
    security = struct.pack("<iHHIIII20s4x", -48, 0x6B73, 0, 120, 120, 1, 20, struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0))
    cells = root + security
    cells += struct.pack("<i", 4096 - 32 - len(cells))
    head = bytearray(4096)
    struct.pack_into("<4sII8xIIIIIII", head, 0, b"regf", 1, 1, 1, 5, 0, 1, 32, 4096, 1)
    checksum = 0
    for word in struct.unpack_from("<127I", head):
        checksum ^= word
    struct.pack_into("<I", head, 508, checksum)
    return bytes(head) + (struct.pack("<4sII20x", b"hbin", 0, 4096) + cells).ljust(4096, b"\0")


def _script(keys):
    """In regedit's words. hivexregedit makes no key whose parent is missing."""
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, values in keys.items():
        parts = ["R", *key.split("\\")]
        lines += ["[" + "\\".join(parts[:n]) + "]\n" for n in range(2, len(parts))]
        lines += ["[" + "\\".join(parts) + "]", *values, ""]
    return "\r\n".join(lines) + "\r\n"


def make(path, keys):
    """`keys` maps a key's path to lines such as '"Name"="value"' or '"Name"=dword:00000002'."""
    path.write_bytes(empty())
    subprocess.run(["hivexregedit", "--merge", "--prefix", "R", "--encoding", "UTF-8", path], check=True,
                   input=_script(keys).encode())
    return path
