# SPDX-License-Identifier: GPL-2.0-or-later
"""server/dnsmasq.conf.example forces what slipwayd wants: automation for a job, the local disk without one; beside another
DHCP server, and alone."""
import time

import pytest

from lab import dhcp_probe, dnsmasq
from lab.netns import Network
from lab.slipwayd import Slipwayd
from lab.timeouts import SOON

MAC = "52:54:00:00:00:0a"
OTHER = "52:54:00:00:00:0b"
LOCAL_ITEM = "090d0000" + "0a" + b"Local boot".hex()  # the menu (tag 9): one item, boot server type 0


@pytest.fixture
def lab(tmp_path):
    with Network() as network:
        client = network.add_server("client", 50)
        server = dnsmasq.pxe_server(network.add_server("pxe", 2), tmp_path, tmp_path).start()
        try:
            yield client, server
        finally:
            server.stop()


def told(client, user_class, mac=MAC):
    return dhcp_probe.ask_from(client, "10.77.0.2", mac, user_class)


def offered(client, user_class):
    return dhcp_probe.ask_from(client, "broadcast", MAC, user_class)


def wait_for(expected, client, user_class, ask=told):
    """dnsmasq sees a new file by inotify, a moment after it was written."""
    end = time.monotonic() + SOON
    while expected not in (answer := ask(client, user_class)):
        assert time.monotonic() < end, f"waited for {expected}, last answer {answer}"
        time.sleep(0.2)


def test_firmware_gets_slipway(lab):
    client, _ = lab
    assert "file=slipway.efi" in told(client, "")


def test_unknown_machine_gets_automation(lab):
    client, _ = lab
    assert "file=automation.conf" in told(client, "Slipway")


def test_confirmations_of_downloads_do_no_harm(lab):
    """dnsmasq ignores one without a boot item; one with an item of its own it answers as any question for that item."""
    client, server = lab
    before = told(client, "Slipway")
    assert dhcp_probe.ask_from(client, "10.77.0.2", MAC, "Slipway", "confirm") == before
    assert server.process.alive()
    assert server.log.read_text().count("PXE(eth0) 10.77.0.50 52:54:00:00:00:0a automation.conf") == 1


def test_local_boot_follows_the_hosts_folder(lab):
    client, server = lab
    line = server.hosts / "machines"
    for round_ in range(2):
        line.write_text(f"{MAC}\n{OTHER}\n")
        server.reread()
        wait_for(LOCAL_ITEM, client, "Slipway")
        assert "file= " in told(client, "Slipway")
        assert "file=slipway.efi" in told(client, "")
        line.write_text(f"{OTHER}\n")
        server.reread()
        wait_for("file=automation.conf", client, "Slipway")
        assert LOCAL_ITEM in told(client, "Slipway", OTHER), round_
    line.unlink()
    server.reread()
    wait_for("file=automation.conf", client, "Slipway")
    assert "file=automation.conf" in told(client, "Slipway", OTHER)


def test_slipwayd_steers_dnsmasq(lab, tmp_path):
    client, server = lab
    slipwayd = Slipwayd(server.process.netns, tmp_path, server, address="127.0.0.1").start()
    try:
        slipwayd.command("machine", "add", MAC, "pc-a")
        wait_for(LOCAL_ITEM, client, "Slipway")
        slipwayd.command("capture", "pc-a", "image")
        wait_for("file=automation.conf", client, "Slipway")
        assert "file=slipway.efi" in told(client, "")
        slipwayd.command("job", "cancel", slipwayd.newest_job("pc-a")["id"])
        wait_for(LOCAL_ITEM, client, "Slipway")
        slipwayd.command("machine", "delete", "pc-a")
        wait_for("file=automation.conf", client, "Slipway")
    finally:
        slipwayd.stop()
    assert server.process.alive(), server.log.read_text()[-2000:]


def offered_to_bios(client, user_class):
    return dhcp_probe.ask_from(client, "broadcast", MAC, user_class, "", "0")


def test_one_dnsmasq_for_everything(tmp_path):
    """The lines at the end of the example: boot data is complete on port 67, since nothing ever answers on 4011."""
    with Network() as network:
        client = network.add_server("client", 50)
        server = dnsmasq.only_server(network.add_server("pxe", 2), tmp_path, tmp_path).start()
        try:
            assert "file=slipway.efi" in offered(client, "")
            assert "file=slipway.0" in offered_to_bios(client, "")
            for ask in (offered, offered_to_bios):
                assert "file=automation.conf" in ask(client, "Slipway")
            (server.hosts / "machines").write_text(f"{MAC}\n")
            server.reread()
            wait_for(LOCAL_ITEM, client, "Slipway", ask=offered)
            for ask in (offered, offered_to_bios):
                answer = ask(client, "Slipway")
                assert "file= " in answer and LOCAL_ITEM in answer, answer
            assert "file=slipway.efi" in offered(client, "")
            assert "file=slipway.0" in offered_to_bios(client, "")
        finally:
            server.stop()
