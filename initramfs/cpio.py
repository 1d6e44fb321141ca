# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes cpio archives in the newc format (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst) whose
bytes depend on nothing but names, modes and contents."""

import stat


class Archive:
    """Entries in the order in which they were added; owner root, no date, inode numbers by count."""

    def __init__(self):
        self._parts = []
        self._inode = 0
        self._folders = set()

    def add_folder(self, name):
        """Adds a folder and those above it, each once."""
        if name in self._folders or not name:
            return
        self.add_folder(name.rpartition("/")[0])
        self._folders.add(name)
        self._add(name, stat.S_IFDIR | 0o755, b"", links=2)

    def add_file(self, name, data, mode=0o644):
        self.add_folder(name.rpartition("/")[0])
        self._add(name, stat.S_IFREG | mode, data)

    def add_character_device(self, name, major, minor, mode=0o600):
        self.add_folder(name.rpartition("/")[0])
        self._add(name, stat.S_IFCHR | mode, b"", device=(major, minor))

    def data(self):
        """The whole archive, padded to a multiple of 4: another one, compressed or not, may follow."""
        return b"".join(self._parts) + _entry("TRAILER!!!", 0, 0, 1, (0, 0), b"")

    def _add(self, name, mode, data, links=1, device=(0, 0)):
        self._inode += 1
        self._parts.append(_entry(name, self._inode, mode, links, device, data))


def _entry(name, inode, mode, links, device, data):
    path = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return _padded(head) + _padded(data)


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


def entries(data):
    """Yields (name, mode, contents) of an archive as written above; for tests and tables."""
    at = 0
    while True:
        if data[at:at + 6] != b"070701":
            raise ValueError(f"no cpio entry at byte {at}")
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[at + 110:at + 110 + name_size - 1].decode()
        start = at + 110 + name_size
        start += -start % 4
        if name == "TRAILER!!!":
            return
        yield name, mode, data[start:start + size]
        at = start + size
        at += -at % 4
