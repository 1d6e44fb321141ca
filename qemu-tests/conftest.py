# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of all scenarios. What a failed scenario leaves behind is kept in build/qemu-tests/failed/NAME."""
import re

import pytest

from lab.lab import Lab
from lab.netns import remove_left_behind


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().failed:
        item.scenario_failed = True


@pytest.fixture(scope="session", autouse=True)
def no_left_overs():
    remove_left_behind()


@pytest.fixture
def lab(request):
    """A lab whose servers are not started yet."""
    lab = Lab(re.sub(r"[^A-Za-z0-9_.-]", "-", request.node.name))
    try:
        yield lab
    finally:
        where = lab.close(getattr(request.node, "scenario_failed", False))
        if where:
            print(f"logs and captures are kept in {where}")
