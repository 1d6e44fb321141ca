# SPDX-License-Identifier: GPL-2.0-or-later
"""slipway.0 on a BIOS machine with iPXE's PXE ROM, with the servers of the UEFI scenarios."""
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from lab import logs, says
from lab.timeouts import BOOT, FIRMWARE, NETWORK, SOON

MAC = "52:54:00:00:08:01"
IPXE_NBP = Path("/usr/lib/ipxe/undionly.kpxe")
PROGRAM, FAR_JUMP, FAR_JUMP_SIZE = 0x7c00, 0xea, 5  # where a boot program lies, and how slipway.0 begins
ESCAPE = "\x1b"
ENABLE_A20 = struct.pack("<I", 0x2401)  # the call of INT 15h
# Writes its text, with the disk's number out of DL, to the first serial port and stops.
BOOT_SECTOR = (bytes.fromhex("fc31c08ed880ea4f8816437cbe297cac08c0741288c4bafd03eca82074fbbaf80388e0eeebe9f4ebfd")
               + b"\r\nthe boot sector of disk ? runs\r\n\0").ljust(510, b"\0") + b"\x55\xaa"


def test_bios_automation(lab):
    """A job waits: automation comes at once, and slipwayd hears that the boot file has been fetched."""
    lab.start()
    lab.slipwayd.command("machine", "add", MAC, "old")
    lab.slipwayd.command("capture", "old", "nothing")
    machine = lab.machine("old", MAC, bios=True).start()
    machine.expect(says.BIOS_GREETING + rf"  {MAC}  started from the network by !PXE", FIRMWARE)
    machine.expect(says.boots("automation.conf", "10.77.0.2"), NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)
    assert "PXE-E" not in machine.serial.text
    assert lab.slipwayd.wait_machine("old", BOOT)["boot"]["file"] == "automation.conf"
    assert "The ROM's" not in machine.serial.text  # it ends without a failing call


@pytest.mark.parametrize("chipset, card, memory", [("pc", "e1000", 6144), ("q35", "rtl8139", 512), ("pc", "pcnet", 256)])
def test_bios_hardware(lab, chipset, card, memory):
    lab.start()
    machine = lab.machine(card, MAC, bios=True, chipset=chipset, card=card, memory=memory).start()
    machine.expect(says.BIOS_GREETING, FIRMWARE)
    machine.expect(says.STARTING_KERNEL, NETWORK)
    lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), BOOT)


def test_bios_small_memory(lab):
    """128 MiB are too few for automation, but a kernel and its initramfs go there. Two initrds go to the kernel as one:
    these have room, but not beside what they are put together from."""
    entry = lab.tftp / "automation.conf"
    one = entry.read_text()
    with open(lab.tftp / "second", "wb") as file:
        file.truncate(56 << 20)
    entry.write_text(one + "initrd second\n")
    lab.start()
    machine = lab.machine("small", MAC, bios=True, memory=128).start()
    machine.expect(says.error("SLW-E04", r"the initrds: no\s+\d+\s+bytes\s+free\s+in\s+one\s+piece", "Cause:", "Cure:"),
                   FIRMWARE + NETWORK)
    machine.expect(says.TRYING_AGAIN, SOON)
    entry.write_text(one)
    machine.serial.send(" ")
    machine.expect(says.STARTING_KERNEL, NETWORK)
    machine.expect(says.AUTOMATION, BOOT)


def enter_without_a20(program):
    """A boot program that is entered with address line 20 switched off (port 92h): its first jump goes behind its end."""
    assert program[0] == FAR_JUMP
    end = PROGRAM + len(program)
    code = bytes.fromhex("e492 24fd e692") + program[:FAR_JUMP_SIZE]
    return struct.pack("<BHH", FAR_JUMP, end & 15, end >> 4) + program[FAR_JUMP_SIZE:] + code


def test_bios_old_api(lab):
    """slipway.0 that does not know a !PXE structure when it sees one, and so has PXENV+ alone. Address line 20 is off, and
    the BIOS is no help: it is asked for something that it does not have."""
    program = (lab.tftp / "slipway.0").read_bytes()
    for told, instead in ((b"!PXE", b"?PXE"), (ENABLE_A20, bytes([0x7f]) + ENABLE_A20[1:])):
        assert told in program
        program = program.replace(told, instead)
    (lab.tftp / "slipway.0").write_bytes(enter_without_a20(program))
    lab.start()
    machine = lab.machine("older", MAC, bios=True).start()
    machine.expect(says.BIOS_GREETING + r".*started from the network by PXENV\+", FIRMWARE)
    machine.expect(says.boots("automation.conf", "10.77.0.2"), NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)
    machine.expect(says.AUTOMATION, BOOT)


def make_bootable(disk):
    with open(disk, "r+b") as file:
        file.write(BOOT_SECTOR)


def test_bios_local_boot(lab):
    """Disks without a boot sector are an error: one is blank, one is partitioned and has nothing to run. The first that has
    one is started. By policy, INT 18h: SeaBIOS goes on behind the network card, with the next of its boot order. So it does
    when a person has had enough of an error, and slipway.0 goes back to the ROM. The ROM's own end is never refused."""
    lab.start()
    blank, partitioned = lab.blank_disk("blank", 1 << 20), lab.blank_disk("partitioned", 4 << 20)
    subprocess.run(["sfdisk", "--quiet", partitioned], check=True, input=b"label: gpt\nsize=1MiB\n")
    lab.slipwayd.command("machine", "add", MAC, "old")
    machine = lab.machine("old", MAC, disks=[blank, partitioned], bios=True).start()
    machine.expect(says.error("SLW-E03", "disk 1 has no boot sector, disk 2 has no boot sector", "Cause:", "Cure:"),
                   FIRMWARE + NETWORK)
    machine.expect(says.TRYING_AGAIN, SOON)
    make_bootable(partitioned)
    machine.serial.send(" ")
    machine.expect("Local boot: the boot sector of disk 2[\r\n]", NETWORK)
    machine.expect("the boot sector of disk 2 runs", SOON)

    with open(lab.pxe.config, "a", encoding="ascii") as config:
        config.write("dhcp-option=vendor:PXEClient,200,exit\n")
    lab.pxe.stop()
    lab.pxe.start()
    make_bootable(blank)
    machine.qmp.command("system_reset")
    machine.expect("Local boot: leaving it to the BIOS's boot order[\r\n]", FIRMWARE + NETWORK)
    machine.expect("the boot sector of disk 1 runs", SOON)

    (lab.tftp / "automation.conf").unlink()
    lab.slipwayd.command("capture", "old", "nothing")
    machine.qmp.command("system_reset")
    machine.expect(says.error("PXE-E3B", "Cause:", "Cure:"), FIRMWARE + NETWORK)
    machine.expect(says.TRYING_AGAIN, SOON)
    machine.serial.send(ESCAPE)
    machine.expect("the boot sector of disk 1 runs", SOON)
    assert machine.serial.text.count("Local boot: the boot sector") == 1
    assert "The ROM's" not in machine.serial.text


def choose(machine, downs):
    """Opens the menu behind the prompt, and takes the item that many lines down."""
    machine.expect("Press F8", SOON)
    machine.expect("In [0-9]+ s: Local boot", SOON)
    machine.serial.send("\x1b[19~")
    machine.expect(r"1  Local boot[\s\S]*2  Another program[\s\S]*3  Huge program[\s\S]*Item 1 of 3", SOON)
    machine.serial.send("\x1b[B" * downs + "\r")


def test_bios_menu_and_boot_program(lab):
    """F8 on a serial console, the list, a boot program that is too large, and one that is none of ours."""
    config = lab.pxe.config.read_text()
    automation = 'pxe-service=tag:slipway,tag:!known,x86PC,"Automation",automation.conf\n'
    assert automation in config
    menu = ('pxe-service=tag:slipway,x86PC,"Local boot",0\n'
            f'pxe-service=tag:slipway,x86PC,"Another program",{IPXE_NBP.name}\n'
            'pxe-service=tag:slipway,x86PC,"Huge program",huge.0\n')
    lab.pxe.config.write_text(config.replace(automation, menu).replace(
        'pxe-prompt="Slipway",0', 'pxe-prompt=tag:slipway,"Press F8",60\npxe-prompt=tag:!slipway,"Slipway",0'))
    shutil.copyfile(IPXE_NBP, lab.tftp / IPXE_NBP.name)
    (lab.tftp / "huge.0").write_bytes(bytes(700 << 10))
    lab.start()
    machine = lab.machine("menu", MAC, bios=True).start()
    machine.expect(says.BIOS_GREETING, FIRMWARE)
    choose(machine, 2)
    machine.expect(says.error("PXE-E79", r"a program of 716800 bytes; there are \d+ bytes\s+of\s+base\s+memory",
                              "Cause:", "Cure:"), NETWORK)
    machine.expect(says.TRYING_AGAIN, SOON)
    machine.serial.send(" ")
    choose(machine, 1)
    machine.expect(rf"boot file {IPXE_NBP.name}(\.0)? on 10\.77\.0\.2", SOON)
    # iPXE says nothing on a serial port, but does what a boot program does: it loads what the ROM had loaded.
    machine.expect(says.BIOS_GREETING, NETWORK)
    logs.wait_for(lab.pxe.log, f"sent {lab.tftp / 'slipway.0'}", 2)
    assert lab.pxe.log.read_text().count(f"sent {lab.tftp / IPXE_NBP.name}") == 1
