#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_mbr, and those of fuzz_manifest that describe tables other than a plain GPT, anew.

Usage: agent/fuzz/make_table_seeds.py (in the top directory)"""

import json
import os
import struct

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
UUID = "11111111-2222-3333-4444-555555555555"


def tail(*entries):
    """The last 66 bytes of a boot record: (slot, status, type, start, count) each."""
    data = bytearray(64)
    for slot, status, kind, start, count in entries:
        struct.pack_into("<B3sB3sII", data, 16 * slot, status, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", start, count)
    return bytes(data) + b"\x55\xaa"


LOGICAL = {
    0: tail((0, 0x80, 7, 63, 8001), (1, 0, 0x0F, 10000, 50000), (3, 0, 0x83, 60000, 5000)),
    10000: tail((0, 0, 0x83, 63, 9937), (1, 0, 5, 10000, 10100)),
    20000: tail((0, 0, 0x82, 100, 10000), (1, 0, 5, 30000, 20000)),
    40000: tail((0, 0, 0x8E, 2048, 17952)),
}
ODD = {
    0: tail((3, 0, 0x85, 10000, 50000)),
    10000: tail((0, 0, 5, 30000, 777)),
    40000: tail((0, 0, 0x83, 100, 9000), (1, 0, 5, 10000, 1)),
    20000: tail((2, 0, 11, 63, 5000), (3, 0, 0x0F, 45000, 5)),
}


def mbr_seed(name, change, sectors):
    os.makedirs(f"{CORPUS}/mbr", exist_ok=True)
    with open(f"{CORPUS}/mbr/{name}", "wb") as f:
        f.write(struct.pack("<Bb", *change))
        for number, data in sectors.items():
            f.write(struct.pack("<H", number) + data)


def partition(number, start, size, **more):
    return {"number": number, "start": start * 512, "size": size * 512, "type": "0x83", "uuid": f"1a2b3c4d-{number:02x}",
            "name": "", "attributes": "0", "index": f"part{number}.caibx", "sha256": "0" * 64, "captured": "raw", "note": "",
            "fs": None, **more}


def manifest_seed(name, disk, partitions, boot, **more):
    manifest = {
        "format": 1, "name": name, "created": "2026-01-01T00:00:00Z", "agent": "0", "firmware": "bios",
        "chunk_size": 1048576, "source": {"machine": "pc-a", "uuid": "", "mac": "52:54:00:00:00:0a"},
        "disk": {"size": 1 << 25, "sector_size": 512, "model": "", "used": 1 << 20, **disk},
        "boot": {"start": 0, "size": boot * 512, "index": "boot.caibx", "sha256": "0" * 64},
        "partitions": partitions, **more,
    }
    with open(f"{CORPUS}/manifest/{name}", "w", encoding="ascii") as f:
        json.dump(manifest, f)


def first_sector(data):
    return (b"\x4d\x3c\x2b\x1a\0\0" + data).hex()


def manifest_seeds():
    ebrs = [{"start": at * 512, "sector": (bytes(446) + LOGICAL[at]).hex()} for at in (10000, 20000, 40000)]
    manifest_seed("logical", {"table": "mbr", "uuid": "1a2b3c4d", "mbr": first_sector(LOGICAL[0]),
                              "extended": {"number": 2, "start": 10000 * 512, "size": 50000 * 512, "type": "0x0f",
                                           "attributes": "0", "ebrs": ebrs}},
                  [partition(1, 63, 8001, type="0x07", attributes="80"), partition(5, 10063, 9937),
                   partition(6, 20100, 10000), partition(7, 42048, 17952), partition(4, 60000, 5000)], 63)
    gpt = {"type": "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "uuid": UUID, "name": "root"}
    manifest_seed("hybrid", {"table": "hybrid", "uuid": UUID, "first_usable": 34 * 512, "usable_end": 60000 * 512,
                             "note": "one copy was damaged",
                             "mbr": first_sector(tail((0, 0, 0xEE, 1, 2047), (1, 0x80, 0x83, 2048, 2048)))},
                  [partition(1, 2048, 2048, **gpt)], 2048,
                  disks=[{"manifest": f"disk{i}.json", "sha256": "0" * 64} for i in (2, 3)])
    manifest_seed("none", {"table": "none", "uuid": ""}, [partition(1, 0, 65536, type="", uuid="")], 2048)


mbr_seed("logical", (0, 0), LOGICAL)
mbr_seed("logical-moved", (2, 64), LOGICAL)
mbr_seed("odd", (1, 0), ODD)
mbr_seed("primary", (1, -8), {0: tail((0, 0, 0x83, 2048, 10000), (2, 0x80, 0x0C, 12048, 100))})
manifest_seeds()
