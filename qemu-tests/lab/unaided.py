# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines on which Slipway has to ask the network itself, and for everything: the servers of the scenario hear nothing of
what started it. With UEFI it lies on the machine's disk; on BIOS a server of its own gives the PXE ROM an address and
slipway.0, and ignores Slipway."""
from . import paths, small_disk
from .dnsmasq import ROUTER, Dnsmasq
from .netns import SUBNET

ROM_SERVER = 9
ROM_POOL = f"{SUBNET}.200,{SUBNET}.209"


def rom_server(lab, mac, address):
    """`address`: what it gives to the ROM, None for any. A ROM answers ARP for it alone: servers that answer to another one
    that Slipway was given since, not to the sender, are not heard."""
    fixed = [f"dhcp-host={mac},{address}"] if address else []
    return Dnsmasq(lab.network.add_server("rom", ROM_SERVER), lab.directory, "rom", [
        "port=0", f"dhcp-range={ROM_POOL},255.255.255.0,1h", "no-ping", "dhcp-userclass=set:slipway,Slipway",
        "dhcp-ignore=tag:slipway", "dhcp-boot=slipway.0", "enable-tftp", f"tftp-root={lab.tftp}",
        f"dhcp-leasefile={lab.directory / 'rom.leases'}", *fixed, *ROUTER])


def uefi_machine(lab, name, mac, rom_address=None, **options):
    del rom_address  # it has none
    disk = small_disk.boot_disk(lab.directory / f"{name}-boot.img", lab.directory / f"{name}-work",
                                {"EFI/BOOT/BOOTX64.EFI": paths.SLIPWAY_EFI})
    return lab.machine(name, mac, disks=[disk], boot="disk", **options)


def bios_machine(lab, name, mac, rom_address=None, **options):
    lab.serve(rom_server(lab, mac, rom_address))
    return lab.machine(name, mac, bios=True, **options)


def machine(lab, name, mac, firmware, **options):
    """A machine that is still off."""
    return (bios_machine if firmware.bios else uefi_machine)(lab, name, mac, **options)


def both_machines(lab, macs):
    """One with each firmware: what they wait for passes at the same time. {firmware: machine}, still off."""
    names = zip(("uefi", "bios"), macs)
    return [(uefi_machine if name == "uefi" else bios_machine)(lab, name, mac) for name, mac in names]
