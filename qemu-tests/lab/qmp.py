# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's monitor, as much of it as the lab needs."""
import json


class Qmp:
    """Speaks over a connected socket, whose other end QEMU was started with: a socket's path is short, a folder's may not
    be."""

    def __init__(self, connection, seconds=60):
        self.socket = connection
        self.socket.settimeout(seconds)
        self.file = self.socket.makefile("rw")
        if not self.file.readline():
            raise RuntimeError("QEMU ended at once; see its log")
        self.command("qmp_capabilities")

    def command(self, name, arguments=None):
        self.file.write(json.dumps({"execute": name, "arguments": arguments or {}}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise RuntimeError(f"qmp {name}: QEMU has ended; see its log")
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"qmp {name}: {answer['error']['desc']}")

    def close(self):
        self.file.close()
        self.socket.close()
