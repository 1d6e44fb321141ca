# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from rig import Slipwayd


@pytest.fixture
def server(tmp_path):
    s = Slipwayd(tmp_path).start()
    yield s
    if s.process.poll() is None:
        s.stop()
