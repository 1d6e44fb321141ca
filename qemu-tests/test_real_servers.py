# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers that sites have: each machine boots from power-on to the kernel, with nothing of Slipway's own on the other
side but its boot files."""
import struct

import pytest

from lab import dnsmasq, logs, says
from lab.dhcpd import Dhcpd, tag, vendor_options
from lab.dnsmasq import Dnsmasq
from lab.firmware import on_each
from lab.kea import Kea
from lab.netns import SUBNET
from lab.nginx import PORT, Nginx
from lab.tftp import Atftpd, TftpdHpa
from lab.timeouts import FIRMWARE, NETWORK, SOON

SERVER = f"{SUBNET}.2"
FAR_SUBNET, FAR_SERVER = "10.88.0", "10.88.0.2"
FIRST_DNSMASQ_TYPE = 32768  # dnsmasq numbers the boot items of its own from here on


pytestmark = on_each


@pytest.fixture(autouse=True)
def router(lab):
    """None of the servers advertises one, and iPXE's ROM would wait 13 s for it."""
    lab.serve(dnsmasq.router(lab.dhcp.netns, lab.directory))


def downloads(machine):
    """Both files of automation, whole, and the kernel."""
    machine.expect(says.STARTING_KERNEL, NETWORK)
    for name in ("vmlinuz", "initramfs.zst"):
        machine.expect(rf"{name}  [\d.]+ MB in .* MB/s", 0, since=0)


def test_dnsmasq_alone_and_nginx(lab, firmware):
    """One dnsmasq for addresses, menu and TFTP. The third item of the menu is a URL."""
    url = f"http://{SERVER}:{PORT}/automation.conf"
    menu = [("Local boot", "0"), ("Automation by TFTP", "automation.conf"), ("Automation by HTTP", url)]
    server = lab.serve(Dnsmasq(lab.server_netns, lab.directory, "dnsmasq", [
        "port=0", f"dhcp-range={SUBNET}.100,{SUBNET}.199,1h", "no-ping", "dhcp-authoritative",
        f"dhcp-leasefile={lab.directory / 'leases'}", "enable-tftp", f"tftp-root={lab.tftp}",
        "dhcp-userclass=set:slipway,Slipway", f"dhcp-boot=tag:!slipway,{firmware.nbp}",
        'pxe-prompt=tag:slipway,"Press F8 for the menu of the lab",60',
        *(f'pxe-service=tag:slipway,{firmware.dnsmasq_name},"{text}",{what}' for text, what in menu)]))
    nginx = lab.serve(Nginx(lab.server_netns, lab.directory, lab.tftp))
    machine = lab.machine("alone", "52:54:00:00:06:01", bios=firmware.bios).start()
    machine.expect(firmware.greeting, FIRMWARE)
    machine.expect("Press F8 for the menu of the lab", SOON)
    machine.serial.send("m")
    machine.expect(r"1  Local boot[\s\S]*2  Automation by TFTP[\s\S]*3  Automation by HTTP[\s\S]*Item 1 of 3", SOON)
    machine.serial.send("3")
    machine.expect(says.boots(url, SERVER), SOON)
    downloads(machine)
    assert f"sent {lab.tftp / firmware.nbp}" in server.log.read_text()
    assert f"sent {lab.tftp / 'vmlinuz'}" not in server.log.read_text()
    for name in ("automation.conf", "vmlinuz", "initramfs.zst"):
        logs.wait_for(nginx.access, f'"GET /{name} HTTP/1.1" 200')


def test_kea_with_proxydhcp_and_atftpd(lab, firmware):
    """Kea knows nothing of PXE; server/dnsmasq.conf.example beside it does, with the TFTP of another."""
    lab.pxe.config.write_text(lab.pxe.config.read_text().replace("\nenable-tftp\n", "\n"))
    kea = lab.serve(Kea(lab.dhcp.netns, lab.directory))
    lab.pxe.start()
    atftpd = lab.serve(Atftpd(lab.server_netns, lab.directory, lab.tftp))
    machine = lab.machine("kea", "52:54:00:00:06:02", bios=firmware.bios).start()
    machine.expect(says.boots("automation.conf", SERVER), FIRMWARE)
    downloads(machine)
    assert "DHCP4_LEASE_ALLOC" in kea.log.read_text()
    assert "Serving vmlinuz" in atftpd.log.read_text()


def test_dhcpd_with_file_name(lab, firmware):
    """Next server and file name, without a word of PXE: what most dhcpd.conf have."""
    lab.serve(Dhcpd(lab.dhcp.netns, lab.directory, [f'next-server {SERVER}; filename "{firmware.nbp}";'],
                [f'next-server {SERVER}; filename "automation.conf";']))
    lab.serve(TftpdHpa(lab.server_netns, lab.directory, lab.tftp))
    machine = lab.machine("dhcpd", "52:54:00:00:06:03", bios=firmware.bios).start()
    machine.expect(says.boots("automation.conf", SERVER), FIRMWARE)
    downloads(machine)


def test_dhcpd_that_tells_nobody_apart(lab, firmware):
    """Its only file is Slipway itself: an error each time, and never Slipway within Slipway."""
    statements = [f'next-server {SERVER}; filename "{firmware.nbp}";']
    lab.serve(Dhcpd(lab.dhcp.netns, lab.directory, statements, statements))
    lab.serve(TftpdHpa(lab.server_netns, lab.directory, lab.tftp))
    machine = lab.machine("same", "52:54:00:00:06:05", bios=firmware.bios).start()
    for _ in range(2):
        machine.expect(says.error("PXE-E53", r"10\.77\.0\.1", f"only {firmware.nbp}, the client itself"), FIRMWARE)
        machine.expect(says.TRYING_AGAIN, SOON)
        machine.serial.send(" ")
    assert len(machine.serial.times_of(firmware.greeting)) == 1


def test_dhcpd_with_raw_option_43(lab, firmware):
    """Discovery control, boot servers, menu and prompt as hexadecimal digits. The boot server, dnsmasq in another subnet, is
    asked for the chosen item and names a file on a third machine."""
    def item(kind, text):
        return struct.pack("!HB", kind, len(text)) + text

    servers = struct.pack("!HB4B", FIRST_DNSMASQ_TYPE, 1, *map(int, FAR_SERVER.split(".")))
    options = vendor_options(tag(6, b"\x07"), tag(8, servers), tag(10, b"\xffChoose"),
                             tag(9, item(0, b"Local boot") + item(FIRST_DNSMASQ_TYPE, b"Imaging")))
    lab.serve(Dhcpd(lab.dhcp.netns, lab.directory, [f'next-server {SERVER}; filename "{firmware.nbp}";'],
                ['option vendor-class-identifier "PXEClient";', options]))
    far = lab.serve(Dnsmasq(lab.network.add_far_server("far", FAR_SUBNET, 2), lab.directory, "far", [
        "port=0", f"dhcp-range={FAR_SUBNET}.0,proxy", f"dhcp-range={SUBNET}.0,proxy,255.255.255.0",
        f"shared-network={FAR_SERVER},{SUBNET}.0",
        f'pxe-service={firmware.dnsmasq_name},"Imaging",automation.conf,{SERVER}']))
    lab.serve(TftpdHpa(lab.server_netns, lab.directory, lab.tftp))
    machine = lab.machine("raw43", "52:54:00:00:06:04", bios=firmware.bios).start()
    machine.expect(r"1  Local boot[\s\S]*2  Imaging[\s\S]*Item 1 of 2", FIRMWARE)
    machine.serial.send("2")
    machine.expect(says.boots("automation.conf", SERVER), NETWORK)
    downloads(machine)
    assert "PXE(eth0)" in far.log.read_text()
