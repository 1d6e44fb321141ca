# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks with one loader or another for scenarios of local boot."""
from . import paths, payload, small_disk
from .unpacked import unpack


def systemd_boot(disk, work):
    """systemd-boot, and an entry whose kernel speaks on the serial console."""
    work.mkdir(parents=True, exist_ok=True)
    loader = unpack("systemd-boot-efi") / "usr/lib/systemd/boot/efi/systemd-bootx64.efi"
    config, entry = work / "loader.conf", work / "entry.conf"
    config.write_text("default entry.conf\ntimeout 0\n")
    entry.write_text("title Installed\nlinux /vmlinuz\noptions console=ttyS0 panic=0\n")
    return small_disk.boot_disk(disk, work, {
        "EFI/systemd/systemd-bootx64.efi": loader, "loader/loader.conf": config, "loader/entries/entry.conf": entry,
        "vmlinuz": paths.VMLINUZ})


def programs(disk, work, sizes):
    """{path: bytes}: programs that say how large they are, and come back. Returns the disk."""
    work.mkdir(parents=True, exist_ok=True)
    files = {}
    for path, size in sizes.items():
        files[path] = work / f"{size}.efi"
        payload.build(files[path], size)
    return small_disk.boot_disk(disk, work, files)
