# SPDX-License-Identifier: GPL-2.0-or-later
"""ISC Kea's DHCPv4 server: addresses only, as a network has it before Slipway comes."""
import json
import os

from .netns import SUBNET
from .server import Server
from .unpacked import unpack


def configuration(lease_seconds):
    return {"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": "raw"},
        "lease-database": {"type": "memfile", "persist": False},
        "valid-lifetime": lease_seconds,
        "subnet4": [{
            "subnet": f"{SUBNET}.0/24",
            "pools": [{"pool": f"{SUBNET}.100 - {SUBNET}.199"}],
            "option-data": [{"name": "routers", "data": f"{SUBNET}.254"},
                            {"name": "domain-name-servers", "data": f"{SUBNET}.1"},
                            {"name": "domain-name", "data": "lab.example.org"}]}],
        "loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]}]}}


class Kea(Server):
    def __init__(self, netns, directory, lease_seconds=3600):
        root = unpack("kea-dhcp4-server")
        config = directory / "kea.json"
        config.write_text(json.dumps(configuration(lease_seconds), indent=1))
        state = directory / "kea"
        state.mkdir()
        environment = dict(os.environ, LD_LIBRARY_PATH=str(root / "usr/lib/x86_64-linux-gnu"),
                           KEA_PIDFILE_DIR=str(state), KEA_LOCKFILE_DIR=str(state))
        super().__init__(netns, directory / "kea.log", [root / "usr/sbin/kea-dhcp4", "-c", config], 67,
                         env=environment)
