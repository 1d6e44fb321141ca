#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_fs_ntfs and fuzz_fs_exfat anew: volumes of 8 and 4 MiB of which only the metadata is kept that
the readers look at. Needs root, loop devices, /dev/fuse, ntfs-3g, exfat-fuse and exfatprogs.

Usage: agent/fuzz/make_windows_seeds.py (in the top directory)"""

import os
import struct
import subprocess
import tempfile

BLOCK = 4096
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def shell(command):
    subprocess.run(["bash", "-eu", "-c", command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fill(work, mount, commands):
    """Runs commands in the mounted volume, and waits for the file system's own process."""
    shell(
        f"cd {work}; mkdir mnt; {mount} & pid=$!; until mountpoint -q mnt; do sleep 0.02; done; "
        f"(cd mnt; {commands}); umount mnt; wait $pid; rmdir mnt"
    )


def write_seed(corpus, name, data, numbers):
    os.makedirs(os.path.join(CORPUS, corpus), exist_ok=True)
    with open(os.path.join(CORPUS, corpus, name), "wb") as f:
        for number in sorted(set(numbers)):
            used = data[number * BLOCK : (number + 1) * BLOCK].rstrip(b"\0")
            f.write(struct.pack("<HH", number, len(used)) + used)


def runs(data, record, wanted):
    """The places, in bytes, of the unnamed attribute `wanted` of a record of 1 KiB: (start, size) of each run."""
    cluster = struct.unpack_from("<H", data, 11)[0] * data[13]
    at = record + struct.unpack_from("<H", data, record + 20)[0]
    while True:
        kind, length, outside, name = struct.unpack_from("<IIBB", data, at)
        if kind == 0xFFFFFFFF:
            return
        if kind == wanted and outside and not name:
            break
        at += length
    at += struct.unpack_from("<H", data, at + 32)[0]
    lcn = 0
    while data[at]:
        low, high = data[at] & 15, data[at] >> 4
        lcn += int.from_bytes(data[at + 1 + low : at + 1 + low + high], "little", signed=True)
        yield lcn * cluster, int.from_bytes(data[at + 1 : at + 1 + low], "little") * cluster
        at += 1 + low + high


def restart_page():
    """The start of $LogFile after a shutdown: short, as an update sequence of zeros needs none at the sectors' ends."""
    head = struct.pack("<4sHHQIIHHH", b"RSTR", 30, 9, 0, 4096, 4096, 48, 1, 1)
    return head.ljust(48, b"\0") + struct.pack("<QHHHH", 500, 1, 0xFFFF, 0xFFFF, 0)


def blocks_of(data, record, wanted, limit):
    numbers = [n for start, size in runs(data, record, wanted) for n in range(start // BLOCK, -(-(start + size) // BLOCK))]
    return numbers[:limit]


def ntfs_seed(name, options, commands, work):
    fs = f"{work}/ntfs-{name}"
    shell(f"truncate -s 8M {fs}; mkntfs -F -Q {options} {fs}")
    fill(work, f"ntfs-3g -o no_detach {fs} mnt", commands)
    with open(fs, "rb") as f:
        data = bytearray(f.read())
    cluster = struct.unpack_from("<H", data, 11)[0] * data[13]
    mft = struct.unpack_from("<Q", data, 48)[0] * cluster
    records = blocks_of(data, mft, 0x80, None)
    log, _ = next(runs(data, mft + 1024 * 2, 0x80))
    data[log : log + 2 * BLOCK] = 2 * restart_page().ljust(BLOCK, b"\0")
    # The volume's own files, and the first of others.
    wanted = [0, len(data) // BLOCK - 1] + records[:4] + records[16:19] + blocks_of(data, mft, 0x20, 1)
    for number, limit in ((1, 1), (2, 3), (6, 2)):
        wanted += blocks_of(data, mft + 1024 * number, 0x80, limit)
    wanted += [at // BLOCK for at in range(0, len(data), 512) if data[at : at + 4] == b"hibr"]
    write_seed("fs_ntfs", name, data, wanted)


def exfat_seed(name, options, commands, work):
    fs = f"{work}/exfat-{name}"
    shell(f"truncate -s 4M {fs}; mkfs.exfat -b 64K {options} {fs}")
    fill(work, f"(loop=$(losetup --show -f {fs}); mount.exfat-fuse -d $loop mnt; losetup -d $loop)", commands)
    with open(fs, "rb") as f:
        data = f.read()
    write_seed("fs_exfat", name, data, [n for n in range(len(data) // BLOCK) if any(data[n * BLOCK : (n + 1) * BLOCK])])


def main():
    zeros = "for i in $(seq 6); do head -c $((i * 3000)) /dev/zero > file$i; done; rm file3; mkdir d; head -c 20000 /dev/zero > d/x"
    full = "yes | head -c 8M | split -b 1000 -a 5 -d - f || :; rm f*[02468]; seq -f a-name-that-fills-a-record-%g 1700 | xargs touch || :"
    with tempfile.TemporaryDirectory() as work:
        ntfs_seed("plain", "", zeros, work)
        ntfs_seed("hibernated", "", "(printf hibr; seq 3000) > hiberfil.sys", work)
        ntfs_seed("attribute-list", "-c 512", full, work)
        exfat_seed("plain", "-c 4K", zeros, work)
        exfat_seed("small-clusters", "-c 512", zeros, work)


if __name__ == "__main__":
    main()
