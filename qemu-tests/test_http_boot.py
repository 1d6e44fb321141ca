# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot files by HTTP: slipway.efi comes by TFTP, everything after it from a URL in the boot file name. Then a server
that refuses, breaks off, stalls and is gone: a clear error each time, and recovery."""
import pytest

from lab import says
from lab.netns import ip
from lab.timeouts import BOOT, FIRMWARE, NETWORK, SOON
from lab.web_server import HOST, PORT, WebServer, name_url

NAME = "boot.example.org"
MAC = "52:54:00:00:01:0a"


@pytest.fixture
def web(lab):
    """A lab in which everything is up but the web server."""
    name_url(lab, HOST)
    web = WebServer(lab)
    lab.start()
    return web


def test_automation_by_http(lab, web):
    web.start()
    machine = lab.machine("web", MAC).start()
    machine.expect(says.GREETING + r".*started from the network", FIRMWARE)
    machine.expect(rf"boot file http://{HOST}:{PORT}/boot/automation\.conf on {HOST}", SOON)
    machine.expect(r"vmlinuz  [\d.]+ MB in .* MB/s", SOON)
    machine.expect(says.STARTING_KERNEL, SOON)
    lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), BOOT)
    assert web.has_served_all()


def test_http_server_misbehaves(web, lab):
    machine = lab.machine("patient", MAC).start()
    machine.expect(says.GREETING, FIRMWARE)
    machine.expect(says.error("PXE-E32", HOST.replace(".", r"\."), "HTTP"), NETWORK)
    web.start()
    for mode, code, words in (("404", "PXE-E3B", "HTTP status 404"), ("403", "PXE-E3C", "HTTP status 403"),
                              ("503", "PXE-E36", "HTTP status 503"), ("nameless", "PXE-E36", "Content-Length"),
                              ("cut", "PXE-E35", r"1000000 of \d+ bytes"),
                              ("stall", "PXE-E35", r"1000000 of \d+ bytes, then\s+silence")):
        web.mode(mode)
        machine.expect(says.TRYING_AGAIN, NETWORK)
        machine.serial.send(" ")
        machine.expect(says.error(code, HOST.replace(".", r"\."), words), NETWORK)
    machine.expect(says.TRYING_AGAIN, NETWORK)
    machine.serial.send(" ")
    machine.expect(r"1\.0 of \d", NETWORK)
    machine.serial.send("\x1b")
    machine.expect(says.error("PXE-EA0", "ESC was pressed"), NETWORK)
    web.mode("ok")
    machine.expect(says.TRYING_AGAIN, NETWORK)
    machine.expect(says.STARTING_KERNEL, NETWORK)


def test_https_is_refused(lab):
    name_url(lab, HOST, "https")
    lab.start()
    machine = lab.machine("tls", MAC).start()
    machine.expect(says.error("SLW-E05", f"https://{HOST}:{PORT}/boot/automation.conf"), FIRMWARE + NETWORK)


def test_http_by_name_behind_a_router(lab):
    """The router is the bridge's own namespace, as DHCP says; 10.88.0.0/24 is behind it."""
    name_url(lab, NAME)
    ip("address", "add", "10.88.0.254/24", "dev", "br0", netns=lab.network.name)
    for setting in ("ip_forward=1", "conf.all.send_redirects=0", "conf.br0.send_redirects=0"):
        ip("netns", "exec", lab.network.name, "sysctl", "-qw", f"net.ipv4.{setting}")
    ip("address", "add", "10.88.0.2/24", "dev", "eth0", netns=lab.server_netns)
    config = lab.dhcp.config.read_text()
    lab.dhcp.config.write_text(config.replace("port=0", f"no-resolv\nno-hosts\naddress=/{NAME}/10.88.0.2"))
    web = WebServer(lab)
    lab.start()
    web.start()
    machine = lab.machine("far", MAC).start()
    machine.expect(rf"boot file http://{NAME}:{PORT}/boot/automation\.conf", FIRMWARE)
    machine.expect(says.STARTING_KERNEL, NETWORK)
    assert '"GET /boot/vmlinuz HTTP/1.1" 200' in web.log.read_text()
