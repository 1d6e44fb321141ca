# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps of a demonstration: said as they happen, and as a table at the end."""
import time


class Report:
    def __init__(self):
        self.start = time.monotonic()
        self.rows = []

    def say(self, text):
        print(f"[{time.monotonic() - self.start:6.1f} s] {text}", flush=True)

    def add(self, step, seconds, size=None):
        """A row of the table: how long a step took, and how many bytes it moved."""
        self.rows.append((step, seconds, size))
        rate = f", {size / 1e6:.1f} MB, {size / 1e6 / seconds:.1f} MB/s" if size and seconds > 0 else ""
        self.say(f"{step}: {seconds:.1f} s{rate}")

    def table(self):
        print(f"\n{'step':52} {'seconds':>9} {'bytes':>14} {'MB/s':>8}")
        for step, seconds, size in self.rows:
            rate = f"{size / 1e6 / seconds:8.1f}" if size and seconds > 0 else f"{'-':>8}"
            print(f"{step:52} {seconds:9.1f} {size if size else '-':>14} {rate}")
        print(f"{'all of it':52} {time.monotonic() - self.start:9.1f}", flush=True)
