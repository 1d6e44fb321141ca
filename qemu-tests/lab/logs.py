# SPDX-License-Identifier: GPL-2.0-or-later
"""Logs of servers: a line may be written a moment after the client has what it is about."""
import time

from .timeouts import SOON


def wait_for(log, text, times=1):
    """Waits until `text` is `times` times in the file `log`."""
    end = time.monotonic() + SOON
    while log.read_text(errors="replace").count(text) < times:
        assert time.monotonic() < end, f"{log.name}: {text!r} is not {times} times in\n{log.read_text(errors='replace')[-2000:]}"
        time.sleep(0.1)
