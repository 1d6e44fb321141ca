# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian as its installer sets it up with LVM, on UEFI: /boot of its own, root and swap as logical volumes. Automation
has no device mapper; two machines are made from its image, by kexec and by a restart."""
import subprocess

import demo
from lab import casync, debian_disk, firmware, paths
from lab.report import Report

IMAGE = "debian-lvm"
STORY = demo.Story(firmware.UEFI, {"pc-a": (IMAGE, paths.DEBIAN_LVM)}, None,
                   {"pc-b": demo.Target(IMAGE, 4 * demo.GIB, 512, "kexec", demo.STATIC),
                    "pc-c": demo.Target(IMAGE, 4 * demo.GIB, 512, "reboot", "")})


def verify_image(lab):
    """The system is found behind the physical volume, and belongs to nobody."""
    manifest = casync.manifest(lab.slipwayd.store, IMAGE)
    part = manifest["partitions"][2]
    assert [system["partition"] for system in manifest["systems"]] == [3], manifest["systems"]
    assert part["fs"]["type"] == "LVM2_member" and part["fs"]["used"] < debian_disk.LVM_ROOT_SIZE // 2, part
    volume = lab.directory / "extracted"
    casync.extract(lab.slipwayd.store, IMAGE, part["index"], volume)
    demo.verify_anonymous(f"{volume}?offset={debian_disk.LVM_ROOT_START}", debian_disk.HOST_NAME)
    volume.unlink()


def test_inspect():
    """By hand, everything is said, and in lines that fit a terminal."""
    said = subprocess.run([paths.AGENT, "inspect", paths.DEBIAN_LVM], check=True, capture_output=True, text=True).stdout
    assert " on partition 3, volume golden-vg/root, /boot on 2, ESP 1\n" in said.replace("\n" + 11 * " ", " "), said
    assert "  LVM2_member  " in said and max(map(len, said.splitlines())) < 80, said


def test_lvm(lab):
    report = Report()
    source = lab.copy_disk(paths.DEBIAN_LVM, "pc-a")
    lab.start()
    demo.add_machines(lab, report, STORY)
    demo.capture(lab, report, STORY, "pc-a", source)
    verify_image(lab)
    key, public_key = demo.make_key(lab)
    machines = demo.deploy(lab, report, STORY, public_key)
    said = {name: demo.meet(lab, report, name, machine, STORY.targets[name], key) for name, machine in machines.items()}
    demo.compare_identities(said)
    for name in said:
        mounted = said[name]["file systems"].split(",")
        # The disk is larger: the physical volume's partition got the rest.
        for row in ("golden--vg-root 2.9G ext4 /", "golden--vg-swap_1 64M swap [SWAP]", "vda2 192M ext2 /boot",
                    "vda3 3.7G LVM2_member "):
            assert row in mounted, (name, mounted)
