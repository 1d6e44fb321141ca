# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of all scenarios. What a failed scenario leaves behind is kept in build/qemu-tests/failed/NAME."""
import re
import tempfile
from pathlib import Path

import pytest

from lab import paths, small_disk
from lab.lab import Lab
from lab.netns import remove_left_behind
from lab.station import Station

MIB = 1 << 20


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().failed:
        item.scenario_failed = True


@pytest.fixture(scope="session", autouse=True)
def no_left_overs():
    remove_left_behind()


@pytest.fixture
def name(request):
    """The scenario's name, fit for a file."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", request.node.name)


@pytest.fixture
def lab(request, name):
    """A lab whose servers are not started yet."""
    lab = Lab(name)
    try:
        yield lab
    finally:
        where = lab.close(getattr(request.node, "scenario_failed", False))
        if where:
            print(f"logs and captures are kept in {where}")


@pytest.fixture
def short_path():
    """A folder with a short name: the path of a disk has at most 63 characters."""
    with tempfile.TemporaryDirectory(prefix="slipway-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def station(request, name, short_path):
    """slipwayd, and agents as ordinary processes."""
    with Station(short_path) as station:
        yield station
        if getattr(request.node, "scenario_failed", False):
            station.keep(paths.LAB / "failed" / name)


@pytest.fixture(scope="session")
def small():
    """A disk whose capture takes a moment: ESP, ext4 and an unknown partition. Only for reading."""
    with tempfile.TemporaryDirectory(prefix="slipway-", dir="/tmp") as folder:
        yield small_disk.build(Path(folder) / "small.img", Path(folder) / "work")


@pytest.fixture(scope="session")
def large():
    """A disk whose capture and deploy have a middle. Only for reading."""
    with tempfile.TemporaryDirectory(prefix="slipway-", dir="/tmp") as folder:
        yield small_disk.build(Path(folder) / "large.img", Path(folder) / "work", data=400 * MIB, size=768 * MIB)
