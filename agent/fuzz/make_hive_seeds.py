#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of fuzz_hive anew: the bins of small registry hives that hivexregedit has filled.

Usage: agent/fuzz/make_hive_seeds.py (in the top directory)"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "qemu-tests"))
from lab import hive  # noqa: E402

CORPUS = Path(__file__).resolve().parent / "corpus" / "hive"
TCPIP = r"ControlSet002\Services\Tcpip\Parameters"
NAME = r"ControlSet002\Control\ComputerName\ComputerName"
SEEDS = {
    "system": {"Select": ['"Current"=dword:00000002'], TCPIP: ['"Hostname"="old"', '"NV Hostname"="old"'],
               NAME: ['"ComputerName"="OLD"']},
    "many-keys": {f"key-{i}": ['"a"="b"'] for i in range(40)} | {TCPIP: ['"Hostname"="a-name-of-some-length"']},
    "many-values": {TCPIP: [f'"value-{i}"="{i}"' for i in range(40)]},
}


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        for name, keys in SEEDS.items():
            data = hive.make(Path(work) / name, keys).read_bytes()
            (CORPUS / name).write_bytes(data[4096:].rstrip(b"\0"))


main()
