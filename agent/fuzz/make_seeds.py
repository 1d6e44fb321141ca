#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_fs_xfs, fuzz_fs_btrfs, fuzz_fs_ext, fuzz_fs_fat, fuzz_fs_swap, fuzz_caibx, fuzz_manifest and
fuzz_qcow2 anew: small volumes of which only the metadata is kept that the readers look at, indexes, manifests and disk images.
Needs root, loop devices, casync, dosfstools, e2fsprogs, qemu-utils, xfsprogs and btrfs-progs.

Usage: agent/fuzz/make_seeds.py (in the top directory)"""

import json
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


def whole_seed(corpus, name, blocks):
    """Every block that is not all zeros: an empty volume has few."""
    write_seed(corpus, name, {number: block for number, block in enumerate(blocks) if any(block)})


def caibx_seed(work, name, size):
    """casync's own index of `size` random bytes, behind that size."""
    blob, index = f"{work}/{name}", f"{work}/{name}.caibx"
    shell(f"head -c {size} /dev/urandom > {blob}; casync make --chunk-size=1048576:1048576:1048576 "
          f"--store={work}/store.castr {index} {blob}")
    os.makedirs(f"{CORPUS}/caibx", exist_ok=True)
    with open(index, "rb") as f, open(f"{CORPUS}/caibx/{name}", "wb") as seed:
        seed.write(struct.pack("<Q", size) + f.read())


def manifest_seed(name, partitions):
    uuid = "11111111-2222-3333-4444-555555555555"
    fs = {"type": "ext4", "uuid": uuid, "label": "root", "used": 4096, "smallest": 8192}
    manifest = {
        "format": 1, "name": name, "created": "2026-01-01T00:00:00Z", "agent": "0", "firmware": "uefi",
        "chunk_size": 1048576, "source": {"machine": "pc-a", "uuid": "", "mac": "52:54:00:00:00:0a"},
        "disk": {"size": 1 << 30, "sector_size": 512, "model": "", "table": "gpt", "used": 1 << 20,
                 "uuid": uuid},
        "boot": {"start": 0, "size": 1048576, "index": "boot.caibx", "sha256": "0" * 64},
        "partitions": [
            {"number": number, "start": number << 20, "size": 1 << 20, "name": "root", "attributes": "0",
             "type": "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "uuid": f"11111111-2222-3333-4444-{number:012}",
             "index": f"part{number}.caibx", "sha256": "0" * 64, "captured": "raw" if number % 2 else "used-blocks",
             "note": "", "fs": None if number % 2 else fs}
            for number in range(1, partitions + 1)
        ],
    }
    os.makedirs(f"{CORPUS}/manifest", exist_ok=True)
    with open(f"{CORPUS}/manifest/{name}", "w", encoding="ascii") as f:
        json.dump(manifest, f)


def qcow2_seed(work, name, options):
    """A disk of 96 KiB with text, noise and a hole."""
    os.makedirs(f"{CORPUS}/qcow2", exist_ok=True)
    shell(f"seq 4000 | head -c 16384 > {work}/raw; head -c 3000 /dev/zero | tr '\\0' x >> {work}/raw; "
          f"truncate -s 96K {work}/raw; qemu-img convert -f raw -O qcow2 {options} {work}/raw {CORPUS}/qcow2/{name}")


def small_seeds(work):
    for name, options in (("plain", "-o cluster_size=4k"), ("old", "-o compat=0.10,cluster_size=512"),
                          ("deflate", "-c -o cluster_size=4k"),
                          ("zstd", "-c -o cluster_size=4k,compression_type=zstd")):
        qcow2_seed(work, name, options)
    for name, options in (("ext2", "-t ext2 -b 1024"), ("ext3", "-t ext3 -b 1024 -J size=1"),
                          ("ext4", "-t ext4 -O ^has_journal"),
                          ("bigalloc", "-t ext4 -O bigalloc,^has_journal,^resize_inode")):
        whole_seed("fs_ext", name, make(f"{work}/{name}", 4, f"mkfs.ext4 -q -I 256 {options}"))
    for name, options in (("fat12", "-F 12"), ("fat16", "-F 16 -s 1 -a"), ("one-fat", "-F 12 -f 1")):
        whole_seed("fs_fat", name, make(f"{work}/{name}", 4, f"mkfs.vfat -i 12345678 {options}"))
    for name, options in (("plain", "-p 4096"), ("large-pages", "-p 65536 -L swap")):
        whole_seed("fs_swap", name, make(f"{work}/swap-{name}", 1, f"mkswap -U 11111111-2222-3333-4444-555555555555 {options}"))
    for name, size in (("one", 4096), ("three", 2500000)):
        caibx_seed(work, name, size)
    for count in (1, 3):
        manifest_seed(f"partitions-{count}", count)


def main():
    with tempfile.TemporaryDirectory() as work:
        small_seeds(work)
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
