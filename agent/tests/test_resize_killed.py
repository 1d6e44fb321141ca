# SPDX-License-Identifier: GPL-2.0-or-later
"""Deploys that grow or shrink a file system, killed at random moments by SIGKILL: until one has finished, the disk has no
partition table, and the next one makes it right. Needs root, loop devices and FUSE."""
import os
import pathlib
import random
import shutil
import subprocess
import time

import pytest

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/slipway-agent")).resolve()
RUNS = 6  # of each kind: at any moment, and while a program resizes, in turns
RESIZERS = {"e2fsck", "resize2fs", "ntfsresize"}
ENV = dict(os.environ, PATH=os.environ["PATH"] + ":/sbin:/usr/sbin")

# Files at the end of the volume, so that shrinking has to move them.
FILL = "for i in $(seq 40); do seq $((i * 7)) $((i * 900)) > mnt/f$i; done; rm mnt/fill"
NTFS_3G = "ntfs-3g -o no_detach {0} mnt & until mountpoint -q mnt; do sleep 0.02; done"
MAKE = {
    "ext4": f"""truncate -s 64M fs; mkfs.ext4 -q -b 1024 fs; mount -o loop fs mnt; fallocate -l 40M mnt/fill
        {FILL}; umount mnt""",
    "ntfs": f"""truncate -s 64M fs; mkntfs -F -Q -q fs; {NTFS_3G.format("fs")}; head -c 40M /dev/zero > mnt/fill
        {FILL}; umount mnt; wait""",
    "btrfs": f"""truncate -s 112M fs; mkfs.btrfs -q fs; mount -o loop fs mnt; fallocate -l 4M mnt/fill
        {FILL}; umount mnt""",
}
MOUNT = {"ext4": "mount -o loop,ro {0} mnt", "btrfs": "mount -o loop,ro {0} mnt", "ntfs": NTFS_3G}
CHECK = {
    "ext4": "e2fsck -fn fs.now; dumpe2fs -h fs.now | awk -F: '/^Block count/ {{ print $2 * 1024 }}' > size",
    "btrfs": "btrfs check fs.now; btrfs inspect-internal dump-super fs.now | awk '$1 == \"total_bytes\" {{ print $2 }}' > size",
    "ntfs": """ntfsresize --force --info fs.now; ntfsinfo -f -m fs.now |
        awk -F: '/Volume Size in Clusters/ {{ print $2 * 4096 }}' > size""",
}


def shell(command, cwd):
    done = subprocess.run(["unshare", "-m", "bash", "-eu", "-o", "pipefail", "-c", command], cwd=cwd, env=ENV, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"{command}\n{done.stdout}"


def furnish(d):
    """An agent beside which the programs lie that resize, each of which leaves word that it was called."""
    shutil.copy(AGENT, d / "agent")
    for name in RESIZERS:
        (d / name).write_text(f'#!/bin/sh\ntouch {d}/called\nexec {shutil.which(name, path=ENV["PATH"])} "$@"\n')
        (d / name).chmod(0o755)


def deploying(d):
    (d / "called").unlink(missing_ok=True)
    return subprocess.Popen([d / "agent", "deploy", "--store", d / "store", "--image", "lab", "--yes", d / "target"],
                            stdout=open(d / "log", "w"), stderr=subprocess.STDOUT)


def deploy(d):
    assert deploying(d).wait(300) == 0, (d / "log").read_text()


def has_table(d):
    with open(d / "target", "rb") as f:
        return f.read(520)[510:] == b"\x55\xaaEFI PART"


def check(d, fs, least, most):
    """The file system is as large as its partition, less than 1 MiB of it, whole, and has every file."""
    shell(f"""set -- $(sfdisk -d target | sed -n 's/^target1 .*start= *\\([0-9]*\\), size= *\\([0-9]*\\),.*/\\1 \\2/p')
        dd if=target of=fs.now bs=512 skip=$1 count=$2 conv=sparse status=none; echo $(($2 * 512)) > partition
        {CHECK[fs].format()}
        {MOUNT[fs].format("fs.now")}; (cd mnt; sha256sum f*) | cmp - sums; umount mnt; wait""", d)
    partition, size = (int((d / name).read_text()) for name in ("partition", "size"))
    assert partition - (1 << 20) < size <= partition and least < size < most, (size, partition)


def resizes(agent):
    """Whether a program that it runs works on the file system at this moment."""
    children = pathlib.Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split()
    return any(pathlib.Path(f"/proc/{c}/comm").read_text().strip() in RESIZERS for c in children)


def let_go(d):
    """Nothing that the agent began with the disk has outlived it."""
    shell("for i in $(seq 600); do [ -z \"$(losetup -j target)\" ] && exit; sleep 0.1; done; losetup -j target; exit 1", d)


def kill(d, agent, pause, wait):
    """Kills it after the pause, or with `wait` after a short one from when it resizes. Returns whether it was resizing."""
    while wait and agent.poll() is None and not (d / "called").exists():
        time.sleep(0.001)
    time.sleep(pause / 8 if wait else pause)
    if agent.poll() is not None:
        return False
    resizing = resizes(agent)
    agent.kill()
    agent.wait(60)
    return resizing


@pytest.mark.parametrize("fs,size,least,most", [
    ("ext4", "160M", 100 << 20, 160 << 20), ("ext4", "48M", 30 << 20, 48 << 20),
    ("ntfs", "160M", 100 << 20, 160 << 20), ("ntfs", "48M", 30 << 20, 48 << 20),
    ("btrfs", "300M", 200 << 20, 300 << 20)])
def test_killed_at_any_moment(tmp_path, fs, size, least, most):
    d, seed, unfinished = tmp_path, f"{fs} {size}", 0
    furnish(d)
    shell(f"""mkdir mnt store; {MAKE[fs]}; {MOUNT[fs].format("fs")}; (cd mnt; sha256sum f*) > sums; umount mnt; wait
        truncate -s $(($(stat -c %s fs) + 4194304)) disk; sgdisk -n1:2048:+$(($(stat -c %s fs) / 512)) disk
        dd if=fs of=disk bs=1M seek=1 conv=notrunc,sparse status=none
        {AGENT} capture --store store --image lab disk; truncate -s {size} target""", d)
    started = time.monotonic()
    deploy(d)
    whole = time.monotonic() - started
    check(d, fs, least, most)
    source = random.Random(seed)
    for run in range(RUNS):
        shell(f"rm target; truncate -s {size} target", d)
        pause = source.uniform(0, whole)
        cut = kill(d, deploying(d), pause, run % 2 and fs != "btrfs")
        let_go(d)
        table = has_table(d)
        print(f"seed {seed!r}, run {run}: killed after {pause:.3f} s{', resizing' if cut else ''}"
              f"{', finished' if table else ''}", flush=True)
        unfinished += not table
        assert not run % 2 or fs == "btrfs" or (d / "called").exists()
        assert not (cut and table), "a disk that boots, with its file system half resized"
        if not table:
            deploy(d)
        check(d, fs, least, most)
    assert unfinished > 0
