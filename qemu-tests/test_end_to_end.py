# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job as a test: what `make demo` shows, all of it required."""
import demo
from lab.report import Report


def test_end_to_end(lab):
    demo.tell(lab, Report(), demo.STORIES["uefi"])
