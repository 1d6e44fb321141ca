# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole lab: the network, an IP-only DHCP server, Slipway's PXE service with slipwayd beside it, and machines.

    10.77.0.1   dnsmasq, addresses only
    10.77.0.2   dnsmasq, ProxyDHCP and TFTP; slipwayd on port 8077
"""
import os
import shutil
import subprocess

from . import dnsmasq, paths
from .capture import Capture
from .machine import Machine
from .netns import SUBNET, Network
from .slipwayd import Slipwayd

BOOT_FILES = {"slipway.efi": paths.SLIPWAY_EFI, "slipway.0": paths.SLIPWAY_0,
              "bstrap.0": paths.BSTRAP_0, "automation.conf": paths.AUTOMATION_CONF, "vmlinuz": paths.VMLINUZ,
              "initramfs.zst": paths.INITRAMFS}
KEPT = (".log", ".pcap", ".conf", ".ppm", ".json")


class Lab:
    """Servers are made but not started: a scenario starts what it wants to be there. Use as a context manager."""

    def __init__(self, name, capture=True):
        self.name = name
        self.directory = paths.LAB / "run" / name
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.tftp = self.directory / "tftp"
        self.tftp.mkdir()
        for file, source in BOOT_FILES.items():
            shutil.copyfile(source, self.tftp / file)
        self.machines = []
        self.others = []
        self.network = Network()
        try:
            self.dhcp = dnsmasq.ip_server(self.network.add_server("dhcp", 1), self.directory)
            self.server_netns = self.network.add_server("pxe", 2)
            self.pxe = dnsmasq.pxe_server(self.server_netns, self.directory, self.tftp)
            self.slipwayd = Slipwayd(self.server_netns, self.directory, self.pxe, address=f"{SUBNET}.2")
            self.capture = Capture(self.network, self.directory) if capture else None
        except BaseException:
            self.network.close()
            raise

    def start(self):
        """Starts every server."""
        self.dhcp.start()
        self.pxe.start()
        self.slipwayd.start()
        return self

    def serve(self, server):
        """Starts a server that a lab does not have by itself; it ends with the lab."""
        self.others.append(server)
        return server.start()

    def machine(self, name, mac, **options):
        machine = Machine(self.network, self.directory, name, mac, **options)
        self.machines.append(machine)
        return machine

    def blank_disk(self, name, size):
        disk = self.directory / f"{name}.img"
        with open(disk, "wb") as file:
            file.truncate(size)
        return disk

    def copy_disk(self, source, name):
        """A copy of a disk image; holes stay holes."""
        disk = self.directory / f"{name}.img"
        subprocess.run(["cp", "--sparse=always", source, disk], check=True)
        return disk

    def stop(self):
        for machine in self.machines:
            machine.stop()
        for server in (*reversed(self.others), self.capture, self.slipwayd, self.pxe, self.dhcp):
            if server:
                server.stop()
        self.network.close()

    def keep(self):
        """Keeps logs, captures and configuration of a scenario that failed; returns where."""
        target = paths.LAB / "failed" / self.name
        shutil.rmtree(target, ignore_errors=True)
        for folder, _, files in os.walk(self.directory):
            for file in files:
                if file.endswith(KEPT):
                    kept = target / os.path.relpath(folder, self.directory) / file
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(os.path.join(folder, file), kept)
        return target

    def close(self, failed):
        self.stop()
        where = self.keep() if failed else None
        shutil.rmtree(self.directory, ignore_errors=True)
        return where

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if where := self.close(kind is not None):
            print(f"logs are kept in {where}")
