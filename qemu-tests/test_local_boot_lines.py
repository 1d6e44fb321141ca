# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of docs/operations.md that set the policy for the local disk make real servers send it."""
import json
import re

import pytest

from lab import dhcp_probe, dnsmasq, paths
from lab.dhcpd import Dhcpd
from lab.kea import Kea
from lab.netns import Network

MAC = "52:54:00:00:00:0a"
MENU = "090d00000a" + b"Local boot".hex()
POLICY = "c808" + b"bootnext".hex()


@pytest.fixture
def network():
    with Network() as network:
        yield network


@pytest.fixture
def page():
    """The indented lines of the chapter."""
    text = (paths.ROOT / "docs" / "operations.md").read_text()
    chapter = re.search(r"\n## Local boot\n(.*?)\n## ", text, re.DOTALL)[1]
    return [line[4:] for line in chapter.splitlines() if line.startswith("    ")]


def told(network, server, asked="broadcast"):
    client = network.add_server("client", 50)
    server.start()
    try:
        return dhcp_probe.ask_from(client, asked, MAC, "Slipway")
    finally:
        server.stop()


@pytest.mark.parametrize("build, asked", [(dnsmasq.pxe_server, "10.77.0.2"), (dnsmasq.only_server, "broadcast")])
def test_dnsmasq(network, page, tmp_path, build, asked):
    """As ProxyDHCP, in its answer on 4011; as DHCP server, in its offer."""
    lines = [line for line in page if line.startswith("dhcp-option=")]
    assert len(lines) == 1
    server = build(network.add_server("pxe", 2), tmp_path, tmp_path, lines)
    (server.hosts / "machines").write_text(f"{MAC}\n")
    answer = told(network, server, asked)
    assert MENU in answer and POLICY in answer, answer


def test_isc_dhcpd(network, page, tmp_path):
    lines = [line for line in page if line.startswith("option vendor-")]
    assert len(lines) == 2
    answer = told(network, Dhcpd(network.add_server("dhcpd", 1), tmp_path, [], lines))
    assert MENU in answer and POLICY in answer and "class=PXEClient" in answer, answer


def test_kea(network, page, tmp_path):
    lines = [line for line in page if '"vendor-' in line or '"data"' in line]
    options = json.loads("[" + "".join(lines) + "]")
    assert len(options) == 2
    kea = Kea(network.add_server("kea", 1), tmp_path)
    config = json.loads((tmp_path / "kea.json").read_text())
    config["Dhcp4"]["subnet4"][0]["option-data"] += options
    (tmp_path / "kea.json").write_text(json.dumps(config))
    answer = told(network, kea)
    assert MENU in answer and POLICY in answer and "class=PXEClient" in answer, answer
