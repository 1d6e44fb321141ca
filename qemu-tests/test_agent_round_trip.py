# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture and deploy of a small disk, looked at with tools that are not ours."""
import hashlib
import re
import subprocess

import pytest

from lab import casync

MIB = 1 << 20


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def table(disk):
    """What sfdisk reads of a GPT: places in bytes, and the rest of each entry as text."""
    text = subprocess.run(["sfdisk", "--dump", disk], check=True, capture_output=True, text=True).stdout
    return [{"start": int(start) * 512, "size": int(size) * 512, "rest": rest} for start, size, rest in
            re.findall(r"start= *(\d+), size= *(\d+), (.*)", text)]


def cut(disk, part, target):
    """A partition of a disk as a file of its own."""
    with open(disk, "rb") as file:
        file.seek(part["start"])
        target.write_bytes(file.read(part["size"]))
    return target


def test_casync_gives_the_used_data_back(station, small):
    before = digest(small)
    station.captured("pc-a", "image", small)
    assert digest(small) == before
    manifest = casync.manifest(station.slipwayd.store, "image")
    assert [part["captured"] for part in manifest["partitions"]] == ["used-blocks", "used-blocks", "raw"]
    size, problems = casync.verify(station.slipwayd.store, "image", small, station.directory)
    assert problems == []
    assert size == sum(part["size"] for part in manifest["partitions"])


@pytest.mark.parametrize("size", [1024 * MIB, 256 * MIB, 104 * MIB], ids=["larger", "as large", "smaller"])
def test_deployed_disk_is_whole(station, small, size):
    """The root grows and shrinks with the disk, and what lies behind it moves."""
    station.captured("pc-a", "image", small)
    target = station.disk("target.img", size)
    job = station.run(station.deploy("image", "pc-b"), "pc-b", [target])
    assert job["state"] == "succeeded", job
    before, after = table(small), table(target)
    assert [part["rest"] for part in after] == [part["rest"] for part in before]
    assert (after[0]["start"], after[0]["size"], after[2]["size"]) == (before[0]["start"], before[0]["size"], before[2]["size"])
    gained = size - 256 * MIB + (256 * MIB - before[2]["start"] - before[2]["size"]) if size != 256 * MIB else 0
    assert abs(after[1]["size"] - before[1]["size"] - gained) < 3 * MIB, after
    checked = subprocess.run(["sgdisk", "--verify", target], capture_output=True, text=True).stdout
    assert "No problems found" in checked, checked
    work = station.directory
    esp, root, raw = (cut(target, part, work / str(number)) for number, part in enumerate(after))
    assert subprocess.run(["fsck.vfat", "-n", esp], capture_output=True).returncode == 0
    assert subprocess.run(["e2fsck", "-fn", root], capture_output=True).returncode == 0
    assert abs(ext_size(root) - after[1]["size"]) < MIB
    assert raw.read_bytes() == cut(small, before[2], work / "original").read_bytes()
    for number in range(8):
        assert read_ext(root, f"/data/{number}") == read_ext(cut(small, before[1], work / "source"), f"/data/{number}")


def test_deployed_machine_is_itself(station, small):
    station.captured("pc-a", "image", small)
    target = station.disk("target.img", 300 * MIB)
    station.slipwayd.command("machine", "set", "pc-b", "field.asset=4711")
    assert station.run(station.deploy("image", "pc-b"), "pc-b", [target])["state"] == "succeeded"
    root = cut(target, table(target)[1], station.directory / "root")
    assert read_ext(root, "/etc/hostname") == b"pc-b\n"
    machine_id = read_ext(root, "/etc/machine-id").decode()
    assert len(machine_id) == 33 and machine_id != "0" * 31 + "1\n"
    config = read_ext(root, "/slipway.cfg").decode()
    assert "pc-b" in config and "4711" in config, config


def ext_size(image):
    """Bytes of an ext file system, by dumpe2fs."""
    text = subprocess.run(["dumpe2fs", "-h", image], check=True, capture_output=True, text=True).stdout
    blocks, block = (int(re.search(f"^{name}: *(\\d+)$", text, re.M)[1]) for name in ("Block count", "Block size"))
    return blocks * block


def read_ext(image, path):
    """A file of an ext file system, by debugfs."""
    return subprocess.run(["debugfs", "-R", f"cat {path}", image], check=True, capture_output=True).stdout
