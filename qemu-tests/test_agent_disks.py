# SPDX-License-Identifier: GPL-2.0-or-later
"""Which disk: never one by luck."""
import os
import subprocess

import pytest

MIB = 1 << 20


@pytest.mark.parametrize("options, reason", [((), "no-disk"), (("--disk", "serial=small"), "no-disk")])
def test_no_disk(station, options, reason):
    job = station.run(station.capture("pc-a", "image", *options), "pc-a", [])
    assert (job["state"], job["reason"]) == ("failed", reason)
    assert station.images() == []


def test_two_disks_and_no_rule(station, small):
    other = station.disk("other.img", 64 * MIB)
    job = station.run(station.capture("pc-a", "image"), "pc-a", [small, other])
    assert (job["state"], job["reason"]) == ("failed", "ambiguous-disk")
    assert "small" in job["message"] and "other" in job["message"], job["message"]


def test_no_disk_matches_the_rule(station, small):
    job = station.run(station.capture("pc-a", "image", "--disk", "serial=absent"), "pc-a", [small])
    assert (job["state"], job["reason"]) == ("failed", "no-matching-disk")
    assert "small" in job["message"], job["message"]


def test_rule_chooses_among_two(station, small):
    station.captured("pc-a", "image", small)
    left, right = station.disk("left.img", 300 * MIB), station.disk("right.img", 300 * MIB)
    job = station.run(station.deploy("image", "pc-b", "--disk", "serial=right"), "pc-b", [left, right])
    assert job["state"] == "succeeded", job
    assert left.stat().st_blocks == 0
    assert right.read_bytes()[512:520] == b"EFI PART"


@pytest.mark.parametrize("size", [60 * MIB, 96 * MIB], ids=["by what is used", "by what resize2fs needs"])
def test_target_too_small(station, small, size):
    station.captured("pc-a", "image", small)
    target = station.disk("target.img", size)
    target.write_bytes(b"precious" * (size // 8))
    job = station.run(station.deploy("image", "pc-b"), "pc-b", [target])
    assert (job["state"], job["reason"]) == ("failed", "target-too-small")
    assert target.read_bytes() == b"precious" * (size // 8)


def logical_disk(station):
    """A second disk: an MBR with a logical partition that holds an ext4, and boot code."""
    disk = station.disk("data.img", 48 * MIB)
    disk.write_bytes(os.urandom(440) + bytes(48 * MIB - 440))
    table = "label: dos\nlabel-id: 0x1a2b3c4d\n1: start=63, size=2000, type=da\n2: start=4096, type=f\n5: start=6144, size=81920\n"
    subprocess.run(["/sbin/sfdisk", "-q", "-f", disk], input=table, text=True, check=True)
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-L", "data", "-E", f"offset={6144 * 512}", disk, "40960k"], check=True)
    return disk


def test_two_disks_in_one_image(station, small):
    """From and to the server, in the order of the rules and not of the names; then with rules that cannot be right."""
    data = logical_disk(station)
    before = data.read_bytes()
    rules = ("--disk", "serial=small", "--disk", "serial=data")
    job = station.run(station.capture("pc-a", "both", *rules), "pc-a", [data, small])
    assert job["state"] == "succeeded", job
    assert data.read_bytes() == before
    right, left = station.disk("right.img", 300 * MIB), station.disk("left.img", 64 * MIB)
    left.write_bytes(b"precious" * (64 * MIB // 8))
    for options, reason in ((("--disk", "serial=right"), "disk-count"),
                            (("--disk", "serial=right", "--disk", "size=%d" % (300 * MIB)), "ambiguous-disk"),
                            (("--disk", "serial=left", "--disk", "serial=right"), "target-too-small")):
        job = station.run(station.deploy("both", "pc-b", *options), "pc-b", [left, right])
        assert (job["state"], job["reason"]) == ("failed", reason), job
        assert left.read_bytes() == b"precious" * (64 * MIB // 8) and right.stat().st_blocks == 0
    job = station.run(station.deploy("both", "pc-b", "--disk", "serial=right", "--disk", "serial=left"), "pc-b", [left, right])
    assert job["state"] == "succeeded", job
    assert right.read_bytes()[512:520] == b"EFI PART"
    after = left.read_bytes()
    assert after[:446] == before[:446] and after[510:512] == b"\x55\xaa"
    dump = subprocess.run(["/sbin/sfdisk", "-d", left], capture_output=True, text=True, check=True).stdout
    assert "label-id: 0x1a2b3c4d" in dump and "start=        6144" in dump, dump
    (station.directory / "part").write_bytes(after[6144 * 512:])
    subprocess.run(["/sbin/e2fsck", "-fn", station.directory / "part"], check=True)
