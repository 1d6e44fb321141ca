# SPDX-License-Identifier: GPL-2.0-or-later
"""The DHCP server gives out an address that somebody has: slipway.efi notices by ARP, declines, and takes another; on BIOS
the agent does."""
from lab import paths, says, small_disk
from lab.netns import SUBNET, ip
from lab.timeouts import BOOT, FIRMWARE, NETWORK

MAC, BIOS_MAC = "52:54:00:00:01:0b", "52:54:00:00:08:0b"


def test_address_in_use(lab):
    squatter = lab.network.add_server("squatter", 150)
    owner = ip("-o", "link", "show", "eth0", netns=squatter).split("link/ether ")[1].split()[0]
    with open(lab.dhcp.config, "a", encoding="ascii") as config:
        config.write(f"dhcp-host={MAC},{SUBNET}.150\n")
    disk = small_disk.boot_disk(lab.directory / "boot.img", lab.directory / "work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    lab.dhcp.start()
    lab.pxe.start()
    machine = lab.machine("second", MAC, disks=[disk], boot="disk").start()
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(rf"10\.77\.0\.150 is in use by {owner}: declined", NETWORK)
    address = machine.expect(r"Address (10\.77\.0\.\d+) from 10\.77\.0\.1", NETWORK)[1]
    assert address != f"{SUBNET}.150"
    assert f"DHCPDECLINE(eth0) {SUBNET}.150" in lab.dhcp.log.read_text()
    machine.expect(says.STARTING_KERNEL, NETWORK)


def test_bios_address_in_use(lab):
    """A BIOS's address is the ROM's, which nobody has probed: the agent does, before it uses it."""
    squatter = lab.network.add_server("squatter", 200)
    owner = ip("-o", "link", "show", "eth0", netns=squatter).split("link/ether ")[1].split()[0]
    with open(lab.dhcp.config, "a", encoding="ascii") as config:
        config.write(f"dhcp-host={BIOS_MAC},{SUBNET}.150\n")
    lab.start()
    machine = lab.machine("second", BIOS_MAC, bios=True).start()
    machine.expect(rf"Address {SUBNET}\.150 from", FIRMWARE + NETWORK)
    # The downloads would not always come to the right one of two.
    machine.expect(says.STARTING_KERNEL, NETWORK)
    ip("address", "add", f"{SUBNET}.150/24", "dev", "eth0", netns=squatter)
    machine.expect(rf"network: address {SUBNET}\.150 is in use by {owner}", BOOT)
    address = machine.expect(r"network: address (10\.77\.0\.\d+), gateway", NETWORK)[1]
    assert address != f"{SUBNET}.150"
    assert f"DHCPDECLINE(eth0) {SUBNET}.150" in lab.dhcp.log.read_text()
    lab.slipwayd.wait_machine("new-" + BIOS_MAC.replace(":", ""), NETWORK)
