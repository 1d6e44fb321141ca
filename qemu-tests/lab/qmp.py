# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's monitor, as much of it as the lab needs."""
import json
import socket
import time


class Qmp:
    def __init__(self, path, seconds=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        end = time.monotonic() + seconds
        while True:
            try:
                self.socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.command("qmp_capabilities")

    def command(self, name, arguments=None):
        self.file.write(json.dumps({"execute": name, "arguments": arguments or {}}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"qmp {name}: {answer['error']['desc']}")

    def close(self):
        self.file.close()
        self.socket.close()
