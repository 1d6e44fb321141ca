# SPDX-License-Identifier: GPL-2.0-or-later
import os
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def pytest_addoption(parser):
    parser.addoption("--build", required=True, help="folder with the built kernel, initramfs and boot entry")


@pytest.fixture(scope="session")
def built(request):
    return os.path.abspath(request.config.getoption("--build"))
