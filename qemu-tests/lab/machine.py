# SPDX-License-Identifier: GPL-2.0-or-later
"""One PC: QEMU with UEFI firmware or a BIOS, a network card on the lab's bridge, disks and a serial console."""
import re
import shutil
import socket
import subprocess
import time
import uuid

from . import paths, variables
from .netns import command_in
from .qmp import Qmp
from .serial import Serial

# Software emulation on purpose: it is what every machine that runs the tests has, and it behaves the same everywhere.
TEXT_SCREEN = 0xb8000  # VGA: each character with its colours
BASE = ["qemu-system-x86_64", "-accel", "tcg", "-nodefaults", "-display", "none", "-serial", "stdio"]


class Machine:
    """A PC that is switched on by start(). `disks` are raw image files; each has the serial number `NAME`, `NAME-2`...
    `disk_order`: the place of each disk in the firmware's boot order, None for a disk outside it; as they come unless given.
    `boot_options`: what the firmware has in BootOrder before its first start, see lab/variables.py."""

    def __init__(self, network, directory, name, mac, disks=(), memory=512, cpus=1, boot="network", screen=False,
                 disk_order=None, boot_options=None, bios=False,
                 chipset="q35", card="virtio-net-pci"):
        self.network, self.name, self.mac = network, name, mac
        self.directory = directory / name
        self.directory.mkdir(parents=True, exist_ok=True)
        self.disks, self.memory, self.cpus, self.boot, self.screen = list(disks), memory, cpus, boot, screen
        self.disk_order = disk_order or range(1, len(self.disks) + 1)
        self.boot_options = boot_options
        self.bios, self.chipset, self.card = bios, chipset, card
        self.tap = network.add_tap()
        self.starts = 0
        self.process = self.serial = self.qmp = None

    def firmware(self):
        """The firmware, and what the network card is told of its own: a BIOS machine boots by iPXE's ROM on it."""
        if self.bios:
            return [], ""
        return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={paths.OVMF_CODE}",
                "-drive", f"if=pflash,format=raw,unit=1,file={self.directory / 'vars'}"], "romfile=,"

    def command(self, monitor):
        """`monitor`: the descriptor of QEMU's end of the monitor's connection."""
        first = {"network": 1, "disk": 2}[self.boot]
        firmware, rom = self.firmware()
        words = BASE + ["-machine", self.chipset, "-name", self.name, "-m", self.memory, "-smp", self.cpus, "-uuid",
                        uuid.uuid5(uuid.NAMESPACE_OID, self.mac), "-chardev", f"socket,id=monitor,fd={monitor}", "-mon",
                        "chardev=monitor,mode=control", *firmware, "-device", "virtio-rng-pci",
                        "-netdev", f"tap,id=net0,ifname={self.tap},script=no,downscript=no",
                        "-device", f"{self.card},netdev=net0,mac={self.mac},{rom}bootindex={first}"]
        if self.screen:
            words += ["-device", "VGA"]
        for index, disk in enumerate(self.disks):
            serial = self.name + (f"-{index + 1}" if index else "")
            place = self.disk_order[index]
            order = f",bootindex={3 - first + 2 * (place - 1)}" if place else ""
            words += ["-drive", f"if=none,id=disk{index},format=raw,file={disk},discard=unmap,detect-zeroes=unmap",
                      "-device", f"virtio-blk-pci,drive=disk{index},serial={serial}{order}"]
        return words

    def start(self):
        """Switches it on, with firmware variables as from the factory (and boot_options) at the first time."""
        if not self.starts:
            shutil.copyfile(paths.OVMF_VARS, self.directory / "vars")
            if self.boot_options:
                variables.write_boot_order(self.directory / "vars", self.boot_options)
        self.starts += 1
        ours, theirs = socket.socketpair()
        with open(self.directory / "qemu.log", "ab") as errors, theirs:
            self.process = subprocess.Popen(command_in(self.network.name, self.command(theirs.fileno())),
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            pass_fds=[theirs.fileno()])
        self.serial = Serial(self.name, self.process.stdout, self.process.stdin,
                             self.directory / f"serial{self.starts}.log")
        self.qmp = Qmp(ours)
        return self

    def expect(self, pattern, seconds, since=None):
        return self.serial.expect(pattern, seconds, since)

    def screenshot(self, path):
        """Saves what a monitor would show, as PPM. Needs screen=True."""
        self.qmp.command("screendump", {"filename": str(path)})

    def text_screen(self):
        """What a monitor of a BIOS machine in text mode shows: 25 lines. Needs screen=True."""
        path = self.directory / "text-screen"
        self.qmp.command("pmemsave", {"val": TEXT_SCREEN, "size": 80 * 25 * 2, "filename": str(path)})
        characters = path.read_bytes()[::2].decode("cp437")
        return "\n".join(characters[at:at + 80].rstrip() for at in range(0, len(characters), 80))

    def expect_on_screen(self, pattern, seconds):
        """Waits until `pattern` is in text_screen()."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text_screen()):
            if time.monotonic() > end:
                raise TimeoutError(f"{self.name}: no /{pattern}/ on the screen:\n{self.text_screen()}")
            time.sleep(0.2)

    def press(self, key):
        """Presses and releases a key of the keyboard, by QEMU's name for it."""
        self.qmp.command("send-key", {"keys": [{"type": "qcode", "data": key}]})

    def plug_cable(self, plugged):
        self.qmp.command("set_link", {"name": "net0", "up": plugged})

    def press_power(self):
        self.qmp.command("system_powerdown")

    def wait_off(self, seconds):
        """Waits until the machine has switched itself off."""
        self.process.wait(seconds)
        self.close()

    def stop(self):
        """Pulls the plug."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.close()

    def close(self):
        if self.qmp:
            self.qmp.close()
            self.qmp = None
