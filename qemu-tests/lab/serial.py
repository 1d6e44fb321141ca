# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine's serial console: everything it said, line by line with the time, and the keys to it."""
import re
import threading
import time

ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>c78])")


class SerialError(AssertionError):
    """What was waited for did not come."""


class Serial:
    """Reads `stream` in a thread until it ends; writes keys to `keys`. `text` is free of escape sequences."""

    def __init__(self, name, stream, keys, log):
        self.name, self.stream, self.keys = name, stream, keys
        self.text = ""
        self.lines = []            # (monotonic time of its first byte, line)
        self.at = 0                # expect() looks from here on
        self.log = open(log, "wb")
        self.ended = False
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        held = b""
        while data := self.stream.read1(65536):
            self.log.write(data)
            self.log.flush()
            held = ESCAPES.sub(b"", held + data)
            # An escape sequence that is cut in two waits for its rest.
            cut = held.rfind(b"\x1b", max(0, len(held) - 16))
            whole, held = (held, b"") if cut < 0 else (held[:cut], held[cut:])
            self.add(whole.decode("utf-8", "replace").replace("\r\n", "\n"))
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def add(self, text):
        now = time.monotonic()
        with self.changed:
            for part in text.splitlines(keepends=True):
                if self.lines and not self.lines[-1][1].endswith("\n"):
                    self.lines[-1] = (self.lines[-1][0], self.lines[-1][1] + part)
                else:
                    self.lines.append((now, part))
            self.text += text
            self.changed.notify_all()

    def expect(self, pattern, seconds, since=None):
        """Waits for `pattern` in what comes after the last match (or from `since` on). Returns the match object."""
        end = time.monotonic() + seconds
        start = self.at if since is None else since
        compiled = re.compile(pattern, re.MULTILINE)
        with self.changed:
            while not (match := compiled.search(self.text, start)):
                left = end - time.monotonic()
                if self.ended or left <= 0:
                    why = "the machine ended" if self.ended else f"{seconds} s are over"
                    raise SerialError(f"{self.name}: waited for /{pattern}/, {why}; it said last:\n"
                                      f"{self.text[start:][-1500:]}")
                self.changed.wait(left)
            self.at = match.end()
            return match

    def times_of(self, pattern):
        """When each line that matches began."""
        with self.changed:
            return [when for when, line in self.lines if re.search(pattern, line)]

    def send(self, text):
        self.keys.write(text.encode())
        self.keys.flush()

    def login(self, name, password, seconds):
        """Logs in as root at the prompt of host `name` and leaves a prompt that no output can be mistaken for."""
        self.expect(rf"{name} login: ", seconds)
        self.send("root\n")
        self.expect(r"[Pp]assword: ", seconds)
        self.send(password + "\n")
        self.expect(r"# ", seconds)
        self.send("stty -echo cols 500; bind 'set enable-bracketed-paste off'; PS1='ready''> '\n")
        self.expect(r"ready> ", seconds)

    def run(self, command, seconds=60):
        """Runs a shell command after login() and returns what it wrote."""
        start = self.at
        self.send(command + "\n")
        match = self.expect(r"ready> ", seconds)
        return self.text[start:match.start()].strip()
