# SPDX-License-Identifier: GPL-2.0-or-later
"""A known machine without a job goes from the network straight to the system on its own disk, in the way that the server
wants (option 43 tag 200), and comes to rest when there is none."""
import re

from lab import dnsmasq, local_disks, paths, says, small_disk, variables
from lab.timeouts import BOOT, FIRMWARE, NETWORK, SOON

MAC = "52:54:00:00:01:07"
RESETTING = "BootNext is set, resetting the machine"
INFORM, BOOT_FILE = bytes([53, 1, 8]), bytes([67, 15]) + b"automation.conf"  # options 53 and 67
PAUSE = r"Trying again in (\d+) s\."


def policy(word):
    return f"dhcp-option=vendor:PXEClient,200,{word}"


def pxe_server(lab, *extra):
    """Slipway's PXE service with more lines than the example has."""
    lab.pxe = dnsmasq.pxe_server(lab.server_netns, lab.directory, lab.tftp, extra)


def known_machine(lab, disks, **options):
    lab.slipwayd.command("machine", "add", MAC, "desk")
    return lab.machine("desk", MAC, disks=disks, **options).start()


def greetings(machine):
    return len(re.findall(says.GREETING, machine.serial.text))


def test_known_machine_without_job(lab):
    """One dnsmasq for addresses and boot files, as the example's last lines have it. The first of the two disks is empty, and
    BootNext names the entry that the second disk's installer has left."""
    lab.pxe = dnsmasq.only_server(lab.server_netns, lab.directory, lab.tftp, [policy("bootnext")])
    lab.pxe.start()
    lab.slipwayd.start()
    disk = lab.copy_disk(paths.DEBIAN_IMAGE, "disk")
    entry = variables.boot_option("Installed", disk, r"\EFI\debian\grubx64.efi")
    machine = known_machine(lab, [lab.blank_disk("blank", 64 << 20), disk], boot_options={0x0701: entry})
    machine.expect(says.GREETING + r".*started from the network", FIRMWARE)
    said = machine.expect(says.LOCAL_BOOT, BOOT)[1]
    assert r'\EFI\debian\grubx64.efi (Boot0701 "Installed")' in said and said.endswith(RESETTING), said
    machine.expect(r'starting Boot0701 "Installed"', FIRMWARE)
    machine.expect(says.GRUB, BOOT)
    assert says.STARTING_KERNEL not in machine.serial.text
    assert not lab.slipwayd.machines()["desk"]["last_seen"]


def test_bootnext(lab):
    """The firmware starts the loader after a reset. When the machine is back at once, it is not reset again."""
    pxe_server(lab, policy("bootnext"))
    lab.start()
    machine = known_machine(lab, [lab.copy_disk(paths.DEBIAN_IMAGE, "disk")])
    machine.expect(says.GREETING, FIRMWARE)
    assert machine.expect(says.LOCAL_BOOT, BOOT)[1].endswith(RESETTING)
    machine.expect(r'starting Boot5357 "Local disk \(Slipway\)"', FIRMWARE)
    machine.expect(says.GRUB, BOOT)
    assert greetings(machine) == 1

    machine.qmp.command("system_reset")
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(r"The firmware came back after BootNext", BOOT)
    assert not machine.expect(says.LOCAL_BOOT, BOOT)[1].endswith(RESETTING)
    machine.expect(says.GRUB, BOOT)
    assert greetings(machine) == 2


def test_exit(lab):
    """Slipway from a disk ends, and the firmware goes on with the next of its boot order, which is Slipway from the network:
    that one does not end again, but starts systemd-boot on the second disk."""
    pxe_server(lab, policy("exit"))
    lab.start()
    first = small_disk.boot_disk(lab.directory / "first.img", lab.directory / "first",
                                 {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    second = local_disks.systemd_boot(lab.directory / "second.img", lab.directory / "second")
    machine = known_machine(lab, [first, second], boot="disk")
    machine.expect(says.GREETING + r".*started from PciRoot", FIRMWARE)
    machine.expect(r"Local boot: leaving it to the firmware's boot order", NETWORK)
    machine.expect(says.GREETING + r".*started from the network", FIRMWARE)
    machine.expect(r"The firmware came back instead of booting the disk", NETWORK)
    assert r"\EFI\systemd\systemd-bootx64.efi" in machine.expect(says.LOCAL_BOOT, BOOT)[1]
    machine.expect(r"Linux version \d", BOOT)


def test_order_of_disks(lab):
    """BootOrder has the second disk before the first; the third is not in it. On the first an installer's entry names a
    loader that nobody knows. Every loader comes back, so all are tried, each once, and the machine comes to rest."""
    lab.start()
    third = local_disks.programs(lab.directory / "c.img", lab.directory / "c", {"EFI/rocky/shimx64.efi": 0x5000})
    first = local_disks.programs(lab.directory / "a.img", lab.directory / "a", {
        "EFI/BOOT/BOOTX64.EFI": 0x1000, "EFI/almalinux/shimx64.efi": 0x2000, "EFI/almalinux/grubx64.efi": 0x3000,
        "EFI/unknown/own.efi": 0x6000})
    second = local_disks.programs(lab.directory / "b.img", lab.directory / "b", {"EFI/opensuse/shim.efi": 0x4000})
    machine = known_machine(lab, [first, second, third], disk_order=(2, 1, None), boot_options={
        0x0700: variables.boot_option("off", third, r"\EFI\rocky\shimx64.efi", attributes=0),
        0x0701: variables.boot_option("Installed", first, r"\EFI\unknown\own.efi", b"words")})
    machine.expect(says.GREETING, FIRMWARE)
    found = []
    for _ in range(6):
        found.append(machine.expect(r"Payload of 0x0000(\d)000 bytes", BOOT)[1])
    assert found == ["4", "6", "2", "3", "1", "5"]
    assert r'\EFI\unknown\own.efi (Boot0701 "Installed")' in machine.serial.text
    error = machine.expect(says.error("SLW-E03", r"Received: ([^\r\n]+)[\r\n]"), SOON)[1]
    assert "3 disks, 3 partitions" in error, error
    machine.expect(PAUSE, SOON)
    assert greetings(machine) == 1


def confirmations(lab):
    """Where DHCPINFORMs with the boot file's name went."""
    return sorted((d.dst, d.dst_port) for d in lab.capture.datagrams()
                  if d.mac == MAC and d.src_port == 68 and INFORM in d.data and BOOT_FILE in d.data)


def test_empty_disk(lab):
    """Nothing to boot: an error that says what was looked at, pauses that grow, no reset. A job given meanwhile is taken,
    and everybody is told that its boot file is in: the PXE service, which does not mind, and slipwayd, which shows it."""
    lab.start()
    machine = known_machine(lab, [lab.blank_disk("blank", 64 << 20)])
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(says.error("SLW-E03", r"1 disk, 0 partitions that can be read,", "no loader", "Cause:", "Cure:"), BOOT)
    pauses = [int(machine.expect(PAUSE, SOON)[1])]
    machine.expect(says.error("SLW-E03"), NETWORK)
    pauses.append(int(machine.expect(PAUSE, SOON)[1]))
    assert pauses == [5, 10]

    lab.slipwayd.command("capture", "desk", "nothing")
    job = lab.slipwayd.newest_job("desk")["id"]
    machine.expect(says.STARTING_KERNEL, NETWORK)
    assert greetings(machine) == 1
    boot = lab.slipwayd.wait(lambda: lab.slipwayd.machines()["desk"]["boot"], SOON, lambda: "a confirmation")
    assert boot["file"] == "automation.conf" and boot["from"].startswith("10.77.0.1")
    event = lab.slipwayd.job(job)["events"][0]
    assert (event["event"], event["message"]) == ("boot", f"boot file automation.conf fetched by {boot['from']}")
    assert "automation.conf, fetched by" in lab.slipwayd.command("machine", "show", "desk").stdout
    assert confirmations(lab) == [("10.77.0.2", 4011), ("10.77.0.2", 8077)]
    assert lab.pxe.process.alive()
    lab.slipwayd.wait_machine("desk", BOOT)
