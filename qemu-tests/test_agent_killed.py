# SPDX-License-Identifier: GPL-2.0-or-later
"""Fifty captures and fifty deploys that are cut off at a random moment: the agent is killed, slipwayd is killed, or the line goes
down. After a restart the result is the same as ever, the store holds whole chunks only, and at no moment is there a disk that
boots with half of its data."""
import ctypes
import filecmp
import hashlib
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from lab import paths, small_disk
from lab.netns import Process, ip
from lab.station import MINUTE

MIB = 1 << 20
RUNS = 50
SIZE = 300 * MIB
WAYS = ("agent", "slipwayd", "line")
ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t


def unpack(frame):
    """What a chunk's file holds, or None when it is no whole zstd frame."""
    room = ctypes.create_string_buffer(MIB + 1)
    size = ZSTD.ZSTD_decompress(room, ctypes.c_size_t(len(room)), frame, ctypes.c_size_t(len(frame)))
    return room.raw[:size] if size <= MIB else None


def wrong_chunks(store):
    """Files in the store that are not what their name says."""
    wrong = []
    for path in (store / "chunks.castr").rglob("*"):
        data = path.is_file() and unpack(path.read_bytes())
        if path.is_file() and (data is None or hashlib.new("sha512_256", data).hexdigest() + ".cacnk" != path.name):
            wrong.append(path.name)
    return wrong


class Cut:
    """One way to cut off an agent after a random part of the time that it takes when left alone."""

    def __init__(self, seed, station, whole):
        source = random.Random(seed)
        self.station, self.seed = station, seed
        self.way, self.pause = WAYS[seed % len(WAYS)], source.uniform(0, whole)
        print(f"seed {seed}: {self.way} after {self.pause:.3f} s", flush=True)

    def __call__(self, agent):
        """Returns whether the agent itself is gone and has to be started again."""
        time.sleep(self.pause)
        if self.way == "agent":
            agent.kill()
        elif self.way == "slipwayd":
            self.station.slipwayd.kill()
        else:
            ip("link", "set", "lo", "down", netns=self.station.netns)
        return self.way == "agent"

    def mend(self):
        if self.way == "slipwayd":
            self.station.slipwayd.start()
        elif self.way == "line":
            ip("link", "set", "lo", "up", netns=self.station.netns)


@pytest.fixture
def source(short_path):
    return small_disk.build(short_path / "source.img", short_path / "work", data=64 * MIB, size=SIZE)


def ended(agent, seconds=2 * MINUTE):
    assert agent.process.wait(seconds) == 0, agent.log.read_text()[-3000:]


def files_of(store, image):
    """Indexes of an image, by name: what they say is the whole content of the disk."""
    return {path.name: path.read_bytes() for path in (store / "images" / image).glob("*.caibx")}


def capture_cut_off(station, source, seed, whole, expected):
    cut, image = Cut(seed, station, whole), f"cut{seed}"
    job = station.capture("pc-a", image)
    agent = station.agent("pc-a", [source])
    gone = cut(agent)
    assert wrong_chunks(station.slipwayd.store) == []
    cut.mend()
    if gone and station.slipwayd.job(job)["state"] in ("queued", "running"):
        agent = station.agent("pc-a", [source])
    done = station.slipwayd.wait_job(job, 2 * MINUTE)
    assert done["state"] == "succeeded", agent.log.read_text()[-3000:]
    agent.stop()
    assert files_of(station.slipwayd.store, image) == expected
    assert wrong_chunks(station.slipwayd.store) == []
    station.slipwayd.command("image", "delete", image)


def test_captures_cut_off(station, source):
    begin = time.monotonic()
    station.captured("pc-a", "reference", source)
    whole = time.monotonic() - begin
    expected = files_of(station.slipwayd.store, "reference")
    assert len(expected) == 4
    station.slipwayd.command("image", "delete", "reference")
    for seed in range(RUNS):
        capture_cut_off(station, source, seed, whole, expected)


def deploy_by_hand(station, target, log):
    words = [paths.AGENT, "deploy", "--store", "http://127.0.0.1:8077", "--image", "image", "--yes", target]
    return Process(station.netns, words, station.directory / log)


def boots(target):
    """Whether firmware or a BIOS would find anything: a partition table at either end, or boot code."""
    with open(target, "rb") as file:
        start = file.read(MIB)
        file.seek(-MIB, 2)
        end = file.read()
    return b"EFI PART" in start or b"EFI PART" in end or start[510:512] == b"\x55\xaa" or any(start[:440])


def same_data(one, other):
    """Whether all partitions are the same; they lie between the first and the last MiB."""
    with open(one, "rb") as first, open(other, "rb") as second:
        first.seek(MIB)
        second.seek(MIB)
        return all(first.read(MIB) == second.read(MIB) for _ in range(SIZE // MIB - 2))


def deploy_cut_off(station, old, reference, seed, whole):
    cut, target = Cut(seed, station, whole), station.directory / "target.img"
    shutil.copyfile(old, target)
    agent = deploy_by_hand(station, target, f"deploy-{seed}.log")
    gone = cut(agent)
    if boots(target):
        # Not begun yet, or all data in place and the table on its way: no third thing may boot.
        agent.signal(signal.SIGSTOP)
        assert not boots(target) or same_data(target, old) or same_data(target, reference)
        agent.signal(signal.SIGCONT)
    cut.mend()
    if gone:
        agent = deploy_by_hand(station, target, f"deploy-{seed}-again.log")
    ended(agent)
    assert filecmp.cmp(target, reference, shallow=False)


def test_deploys_cut_off(station, source, tmp_path):
    station.captured("pc-a", "image", source)
    old = small_disk.build(tmp_path / "old.img", tmp_path / "old", data=40 * MIB, size=SIZE)
    reference = station.directory / "reference.img"
    shutil.copyfile(old, reference)
    begin = time.monotonic()
    ended(deploy_by_hand(station, reference, "reference.log"))
    whole = time.monotonic() - begin
    assert boots(old) and boots(reference) and not filecmp.cmp(old, reference, shallow=False)
    for seed in range(RUNS):
        deploy_cut_off(station, old, reference, seed, whole)


def damage(path, way):
    frame = path.read_bytes()
    if way == 0:
        path.write_bytes(frame[:-1])
    elif way == 1:
        path.write_bytes(frame[:len(frame) // 2] + bytes([frame[len(frame) // 2] ^ 1]) + frame[len(frame) // 2 + 1:])
    else:
        path.unlink()


def test_every_damaged_chunk_is_named(station, source):
    station.captured("pc-a", "image", source)
    zeros = hashlib.new("sha512_256", bytes(MIB)).hexdigest()
    boot = (station.slipwayd.store / "images/image/boot.caibx").read_bytes()[72:104].hex()
    chunks = sorted(path for path in (station.slipwayd.store / "chunks.castr").glob("*/*.cacnk")
                    if path.stem not in (zeros, boot))
    picked = random.Random(2).sample(chunks, max(5, len(chunks) // 50))
    for number, path in enumerate(picked):
        damage(path, number % 3)
    job = station.deploy("image", "pc-b")
    target = station.disk("target.img", SIZE)
    done = station.run(job, "pc-b", [target])
    assert (done["state"], done["reason"]) == ("failed", "bad-chunk"), done
    assert done["message"].startswith(f"{len(picked)} chunks are damaged"), done
    said = Path(station.agents[-1].log).read_text()
    assert [path.stem for path in picked if path.stem not in said] == []
    assert not boots(target)
