# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds what bench_imaging.py measures with: a real Debian on ext4 and the same kind of files on NTFS, each as a bare volume
(for partclone and casync) and as the only partition of a disk (for the agent).

    python3 -m lab.bench_volumes DIRECTORY

They are built once, and kept under a key of this file's text.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import debian_disk, paths
from .debian_disk import MIB, run

GIB = 1 << 30
LINUX_TYPE = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
WINDOWS_TYPE = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
VOLUMES = {"ext4": (7680 * MIB, LINUX_TYPE), "ntfs": (4 * GIB, WINDOWS_TYPE)}
NTFS_FILES = 1 * GIB

# A workstation's mixture of programs, libraries, modules, fonts and text: together with what they need about 2 GB.
PACKAGES = """linux-image-amd64 build-essential git vim clang llvm python3-numpy python3-scipy fonts-noto-core openssh-server
              systemd-sysv man-db""".split()


def bootstrap(tree, cache):
    mirror, codename = debian_disk.apt_mirror()
    cache.mkdir(parents=True, exist_ok=True)
    run("debootstrap", "--variant=minbase", f"--cache-dir={cache}", f"--include={','.join(PACKAGES)}", codename, tree,
        mirror, env=dict(os.environ, LC_ALL="C.UTF-8", DEBIAN_FRONTEND="noninteractive"))
    shutil.rmtree(tree / "var/cache/apt/archives", ignore_errors=True)
    if os.path.ismount(tree / "proc"):
        run("umount", "-R", tree / "proc")


def make_ext4(tree, volume):
    run("truncate", "-s", VOLUMES["ext4"][0], volume)
    run("mkfs.ext4", "-q", "-F", "-L", "root", "-d", tree, volume)


def copy_files(tree, target, limit):
    """Copies regular files in the order of their names until `limit` bytes are reached."""
    for folder, folders, files in os.walk(tree):
        folders.sort()
        for name in sorted(files):
            source = Path(folder, name)
            if source.is_symlink() or not source.is_file():
                continue
            place = target / source.relative_to(tree)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
            limit -= source.stat().st_size
            if limit <= 0:
                return


def make_ntfs(tree, volume):
    mount = volume.with_suffix(".mount")
    run("truncate", "-s", VOLUMES["ntfs"][0], volume)
    run("mkntfs", "-F", "-Q", "-q", "-L", "DATA", volume, stdout=subprocess.DEVNULL)
    mount.mkdir()
    with subprocess.Popen(["ntfs-3g", "-o", "no_detach,big_writes", str(volume), str(mount)]) as driver:
        while not os.path.ismount(mount) and driver.poll() is None:
            time.sleep(0.05)
        try:
            copy_files(tree / "usr", mount, NTFS_FILES)
        finally:
            run("umount", mount)
    if driver.returncode:
        raise SystemExit(f"bench_volumes: ntfs-3g ended with status {driver.returncode}")
    mount.rmdir()


def make_disk(volume, disk, kind):
    """The volume as the only partition, 1 MiB behind the start."""
    run("truncate", "-s", volume.stat().st_size + 2 * MIB, disk)
    run("sfdisk", "--quiet", disk, input=b"label: gpt\nunit: sectors\n"
        + f"start=2048, size={volume.stat().st_size // 512}, type={kind}\n".encode())
    run("dd", f"if={volume}", f"of={disk}", "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")


def build(directory):
    tree = directory / "tree"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    bootstrap(tree, paths.LAB / "debootstrap-cache")
    for name, make in (("ext4", make_ext4), ("ntfs", make_ntfs)):
        make(tree, directory / f"{name}.volume")
        make_disk(directory / f"{name}.volume", directory / f"{name}.disk", VOLUMES[name][1])
    shutil.rmtree(tree)


def ensure(directory):
    """Builds the volumes in `directory` unless they are there already, made by this very text of the module."""
    stamp = directory / "key"
    key = hashlib.sha256(Path(__file__).read_bytes()).hexdigest() + "\n"
    if not stamp.exists() or stamp.read_text() != key:
        build(directory)
        stamp.write_text(key)


def main():
    if os.environ.get("SLIPWAY_OWN_MOUNTS") != "1":
        # Mounts that debootstrap and ntfs-3g make vanish with the mount namespace, whatever happens.
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "lab.bench_volumes"]
        os.execvpe("unshare", command + sys.argv[1:], dict(os.environ, SLIPWAY_OWN_MOUNTS="1"))
    ensure(Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    main()
