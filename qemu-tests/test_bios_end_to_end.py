# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job on BIOS as a test: what `make demo FIRMWARE=bios` shows, all of it required. Two Debians that boot by GRUB,
one from an MBR with logical partitions, one from a GPT with a BIOS boot partition, come up from larger disks."""
import re
import subprocess

import demo
from lab import paths
from lab.report import Report


def partitions(disk):
    """{number: (start, size, type)} in sectors, as sfdisk sees them."""
    text = subprocess.run(["sfdisk", "--dump", disk], check=True, capture_output=True, text=True).stdout
    rows = re.findall(r"(\d+) : start= *(\d+), size= *(\d+), type=([^,\n]+)", text)
    return {int(number): (int(start), int(size), kind) for number, start, size, kind in rows}


def test_bios_end_to_end(lab):
    said = demo.tell(lab, Report(), demo.STORIES["bios"])
    for name, rows in (("pc-b", ("vda1 .* ext4 /", r"vda5 .* swap \[SWAP\]", "vda6 .* ext4 /home")),
                       ("pc-c", ("vda2 .* ext4 /", r"vda3 .* swap \[SWAP\]"))):
        mounted = said[name]["file systems"].split(",")
        assert all(any(re.fullmatch(row, line) for line in mounted) for row in rows), mounted
    source, target = partitions(paths.DEBIAN_BIOS_MBR), partitions(lab.directory / "pc-b.img")
    assert list(target) == [1, 2, 5, 6] and target[1] == source[1], target
    assert target[6][1] > source[6][1] and sum(target[6][:2]) == sum(target[2][:2]), target
    source, target = partitions(paths.DEBIAN_BIOS_GPT), partitions(lab.directory / "pc-c.img")
    assert target[1] == source[1] and target[2][1] > source[2][1], target
