# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot options in the flash of OVMF, as an installer leaves them: written into its variable store before the machine starts
(EDK2 MdeModulePkg/Include/Guid/VariableFormat.h)."""
import struct
import uuid

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c").bytes_le
HEADER = "<HBBIQ16sIII16s"  # start, state, reserved, attributes, count, time, key, name size, data size, vendor
START, ADDED, ATTRIBUTES = 0x55AA, 0x3F, 7
STORE_HEADER = 28
ACTIVE = 1


def text(string):
    return string.encode("utf-16-le") + b"\0\0"


def end_of_store(flash):
    """Offset behind the last variable."""
    at = struct.unpack_from("<H", flash, 48)[0] + STORE_HEADER
    while struct.unpack_from("<H", flash, at)[0] == START:
        sizes = struct.unpack_from("<II", flash, at + 36)
        at = -(-(at + struct.calcsize(HEADER) + sum(sizes)) // 4) * 4
    return at


def write(path, name, data):
    """Adds a global variable, which must not be there yet, to the flash image at `path`."""
    flash = bytearray(path.read_bytes())
    at, name = end_of_store(flash), text(name)
    variable = struct.pack(HEADER, START, ADDED, 0, ATTRIBUTES, 0, b"", 0, len(name), len(data), GLOBAL) + name + data
    if flash[at:at + len(variable)].strip(b"\xff"):
        raise ValueError(f"{path} is not empty at {at}")
    flash[at:at + len(variable)] = variable
    path.write_bytes(flash)


def boot_option(title, disk_image, file, data=b"", attributes=ACTIVE):
    """An EFI_LOAD_OPTION with the short path of a file on the first partition of a GPT disk."""
    with open(disk_image, "rb") as disk:
        disk.seek(2 * 512)
        entry = disk.read(128)
    first, last = struct.unpack_from("<QQ", entry, 32)
    path = struct.pack("<BBHIQQ16sBB", 4, 1, 42, 1, first, last - first + 1, entry[16:32], 2, 2)
    path += struct.pack("<BBH", 4, 4, 4 + len(text(file))) + text(file) + bytes([0x7F, 0xFF, 4, 0])
    return struct.pack("<IH", attributes, len(path)) + text(title) + path + data


def write_boot_order(path, options):
    """`options`: {number: what boot_option made}, in boot order."""
    for number, option in options.items():
        write(path, f"Boot{number:04X}", option)
    write(path, "BootOrder", struct.pack(f"<{len(options)}H", *options))
