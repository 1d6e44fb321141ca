#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_fs_xfs and fuzz_fs_btrfs anew: small volumes of which only the metadata is kept that the
readers look at. Needs root, loop devices, xfsprogs and btrfs-progs.

Usage: agent/fuzz/make_seeds.py (in the top directory)"""

import os
import struct
import subprocess
import tempfile

BLOCK = 4096
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
FILL = "seq 1000000 9999999 | head -c %d | split -b 5000 -a 4 -d - %s/f"


def shell(command):
    subprocess.run(["bash", "-eu", "-c", command], check=True, stdout=subprocess.DEVNULL)


def make(path, size, command, files=0):
    """A volume with every other of `files` files deleted."""
    shell(f"truncate -s {size}M {path}; {command} {path} 2> {path}.log")
    if files:
        mnt = path + ".mnt"
        shell(
            f"mkdir {mnt}; mount -o loop {path} {mnt}; {FILL % (5000 * files, mnt)}; umount {mnt}; "
            f"mount -o loop {path} {mnt}; rm {mnt}/f*[13579]; umount {mnt}"
        )
    with open(path, "rb") as f:
        data = f.read()
    return [data[i : i + BLOCK] for i in range(0, len(data), BLOCK)]


def write_seed(corpus, name, blocks):
    os.makedirs(os.path.join(CORPUS, corpus), exist_ok=True)
    with open(os.path.join(CORPUS, corpus, name), "wb") as f:
        for number, block in sorted(blocks.items()):
            used = block.rstrip(b"\0")
            f.write(struct.pack("<HH", number, len(used)) + used)


def xfs_seed(name, blocks, fresh):
    """Group headers and free-space trees; and the log as mkfs leaves it: one unmount record."""
    magic = (b"XFSB", b"ABTB", b"ABTC", b"AB3B", b"AB3C")
    wanted = {}
    for source, starts in ((blocks, magic), (fresh, (b"\xfe\xed\xba\xbe",))):
        for number, block in enumerate(source):
            if any(block[i : i + 4] in starts for i in range(0, BLOCK, 512)):
                wanted[number] = block
    write_seed("fs_xfs", name, wanted)


def btrfs_children(node):
    """Logical addresses that a node leads to: the next level, or the root of the extent tree."""
    items, level = struct.unpack_from("<IB", node, 96)
    if level:
        return [struct.unpack_from("<Q", node, 101 + 33 * i + 17)[0] for i in range(items)]
    places = [101 + 25 * i for i in range(items)]
    roots = [at for at in places if node[at : at + 9] == struct.pack("<QB", 2, 132)]
    return [struct.unpack_from("<Q", node, 101 + struct.unpack_from("<I", node, at + 17)[0] + 176)[0] for at in roots]


def btrfs_seed(name, blocks):
    """The superblock and the nodes of the root, extent and chunk trees."""
    fsid, nodes, wanted = blocks[16][32:48], {}, {16: blocks[16]}
    for number, block in enumerate(blocks):
        logical, generation, owner = (struct.unpack_from("<Q", block, at)[0] for at in (48, 80, 88))
        if block[32:48] == fsid and owner in (1, 2, 3) and generation > nodes.get(logical, (0,))[0]:
            nodes[logical] = (generation, number)
    todo = list(struct.unpack_from("<QQ", blocks[16], 80))
    while todo:
        number = nodes[todo.pop()][1]
        wanted[number] = blocks[number]
        todo += btrfs_children(blocks[number])
    write_seed("fs_btrfs", name, wanted)


def main():
    with tempfile.TemporaryDirectory() as work:
        xfs = "mkfs.xfs -q --unsupported -d agcount=2 -m uuid=11111111-2222-3333-4444-555555555555"
        volumes = (("v4", "-m crc=0", 0), ("v5", "-b size=1024", 0), ("v5-tall", "-b size=1024", 800))
        for name, options, files in volumes:
            fresh = make(f"{work}/{name}-fresh", 40, f"{xfs} {options}")
            xfs_seed(name, make(f"{work}/{name}", 40, f"{xfs} {options}", files) if files else fresh, fresh)
        btrfs = "mkfs.btrfs -q -n 4096 -U 11111111-2222-3333-4444-555555555555"
        volumes = (("single", "-m single", 0), ("dup", "-m dup", 0), ("mixed", "--mixed", 40), ("tall", "", 200))
        for name, options, files in volumes:
            btrfs_seed(name, make(f"{work}/{name}", 128, f"{btrfs} {options}", files))


if __name__ == "__main__":
    main()
