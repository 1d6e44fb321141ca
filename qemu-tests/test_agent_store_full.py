# SPDX-License-Identifier: GPL-2.0-or-later
"""The store has no room left: the capture fails as store-full, no half image exists, and it works once there is room."""
import subprocess

import pytest

from lab.station import Station


@pytest.fixture
def full_store(short_path):
    store = short_path / "store"
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "slipway-test", store], check=True)
    try:
        yield store
    finally:
        subprocess.run(["umount", "-l", store], check=True)


def test_store_full(full_store, short_path, small):
    with Station(short_path, store=full_store) as station:
        job = station.run(station.capture("pc-a", "image"), "pc-a", [small])
        assert (job["state"], job["reason"]) == ("failed", "store-full")
        assert station.images() == []
        assert "image" not in station.slipwayd.command("image", "list").stdout.split()
        subprocess.run(["mount", "-o", "remount,size=200m", full_store], check=True)
        station.captured("pc-a", "image", small)
        assert station.images() == ["image"]
