# SPDX-License-Identifier: GPL-2.0-or-later
"""Which disk: never one by luck."""
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
