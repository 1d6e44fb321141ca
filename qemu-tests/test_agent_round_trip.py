# SPDX-License-Identifier: GPL-2.0-or-later
"""Capture and deploy of a small disk, looked at with tools that are not ours."""
import hashlib
import subprocess

from lab import casync

MIB = 1 << 20


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def table(disk):
    """What sfdisk reads of a GPT, without the disk's name and size."""
    text = subprocess.run(["sfdisk", "--dump", disk], check=True, capture_output=True, text=True).stdout
    return [line.replace(str(disk), "") for line in text.splitlines() if "start=" in line]


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


def test_deployed_disk_is_whole(station, small):
    station.captured("pc-a", "image", small)
    target = station.disk("target.img", 1024 * MIB)
    job = station.run(station.deploy("image", "pc-b"), "pc-b", [target])
    assert job["state"] == "succeeded", job
    assert table(target) == table(small)
    checked = subprocess.run(["sgdisk", "--verify", target], capture_output=True, text=True).stdout
    assert "No problems found" in checked, checked
    parts = casync.manifest(station.slipwayd.store, "image")["partitions"]
    work = station.directory
    esp, root, raw = (cut(target, part, work / str(part["number"])) for part in parts)
    assert subprocess.run(["fsck.vfat", "-n", esp], capture_output=True).returncode == 0
    assert subprocess.run(["e2fsck", "-fn", root], capture_output=True).returncode == 0
    assert raw.read_bytes() == cut(small, parts[2], work / "original").read_bytes()
    for number in range(8):
        assert read_ext(root, f"/data/{number}") == read_ext(cut(small, parts[1], work / "source"), f"/data/{number}")


def test_deployed_machine_is_itself(station, small):
    station.captured("pc-a", "image", small)
    target = station.disk("target.img", 300 * MIB)
    station.slipwayd.command("machine", "set", "pc-b", "asset=4711")
    assert station.run(station.deploy("image", "pc-b"), "pc-b", [target])["state"] == "succeeded"
    root = cut(target, casync.manifest(station.slipwayd.store, "image")["partitions"][1], station.directory / "root")
    assert read_ext(root, "/etc/hostname") == b"pc-b\n"
    machine_id = read_ext(root, "/etc/machine-id").decode()
    assert len(machine_id) == 33 and machine_id != "0" * 31 + "1\n"
    config = read_ext(root, "/slipway.cfg").decode()
    assert "pc-b" in config and "4711" in config, config


def read_ext(image, path):
    """A file of an ext file system, by debugfs."""
    return subprocess.run(["debugfs", "-R", f"cat {path}", image], check=True, capture_output=True).stdout
