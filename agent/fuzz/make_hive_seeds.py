#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_hive anew: the bins of small registry hives that hivexregedit has filled.

Usage: agent/fuzz/make_hive_seeds.py (in the top directory)"""

import os
import struct
import subprocess
import tempfile

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "hive")
TCPIP = r"R\ControlSet002\Services\Tcpip\Parameters"
NAME = r"R\ControlSet002\Control\ComputerName\ComputerName"
SEEDS = {
    "system": {r"R\Select": ['"Current"=dword:00000002'], TCPIP: ['"Hostname"="old"', '"NV Hostname"="old"'],
               NAME: ['"ComputerName"="OLD"']},
    "many-keys": {rf"R\key-{i}": ['"a"="b"'] for i in range(40)} | {TCPIP: ['"Hostname"="a-name-of-some-length"']},
    "many-values": {TCPIP: [f'"value-{i}"="{i}"' for i in range(40)]},
}


def empty_hive():
    """One bin with a root key and a security descriptor that nobody is in."""
    nothing = 0xFFFFFFFF
    root = struct.pack("<iHHQIIIIIIIIIIIIIIIHH4s4x", -88, 0x6B6E, 0x2C, 0, 0, nothing, 0, 0, nothing, nothing, 0, nothing,
                       120, nothing, 0, 0, 0, 0, 0, 4, 0, b"ROOT")
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


def regedit(keys):
    """hivexregedit makes no key whose parent is missing."""
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, values in keys.items():
        parts = key.split("\\")
        lines += [f"[{chr(92).join(parts[:n])}]\n" for n in range(2, len(parts))]
        lines += [f"[{key}]", *values, ""]
    return "\r\n".join(lines) + "\r\n"


def main():
    os.makedirs(CORPUS, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        for name, keys in SEEDS.items():
            hive = os.path.join(work, name)
            with open(hive, "wb") as f:
                f.write(empty_hive())
            subprocess.run(["hivexregedit", "--merge", "--prefix", "R", "--encoding", "UTF-8", hive], check=True,
                           input=regedit(keys).encode())
            with open(hive, "rb") as f, open(os.path.join(CORPUS, name), "wb") as seed:
                seed.write(f.read()[4096:].rstrip(b"\0"))


main()
