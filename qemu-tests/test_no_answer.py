# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are missing, one after the other, for machines with each firmware side by side: no address (E51), an address
but no PXE answer (E53), a ProxyDHCP without a DHCP server (E52), a ProxyDHCP that is silent on 4011 (E55). Then a switch
port that forwards late, which is no error."""
import time

import pytest

from lab import says, unaided
from lab.scripted_pxe import OFFER, ScriptedPxe, reply
from lab.timeouts import FIRMWARE, NETWORK, SOON

MACS = "52:54:00:00:01:02", "52:54:00:00:01:03"


@pytest.fixture
def machines(lab):
    return unaided.both_machines(lab, MACS)


def all_say(machines, pattern, seconds=NETWORK):
    return [machine.expect(pattern, seconds) for machine in machines]


def all_try_again(machines):
    all_say(machines, says.TRYING_AGAIN, SOON)
    for machine in machines:
        machine.serial.send(" ")


def test_servers_that_are_missing(lab, machines):
    for machine in machines:
        machine.start()
    all_say(machines, f"{says.GREETING}|{says.BIOS_GREETING}", FIRMWARE)
    all_say(machines, says.error("PXE-E51", "Cause:", "Cure:"))
    all_say(machines, says.TRYING_AGAIN, SOON)

    lab.dhcp.start()
    all_say(machines, says.error("PXE-E53", "Cause:", "Cure:"))

    silent = ScriptedPxe(lab.server_netns, lab.directory, [{"discover": [reply(OFFER)]}]).start()
    all_try_again(machines)
    all_say(machines, says.error("PXE-E55", r"10\.77\.0\.2", "Cause:", "Cure:"))
    silent.stop()

    lab.dhcp.stop()
    lab.pxe.start()
    all_try_again(machines)
    all_say(machines, says.error("PXE-E52", "Cause:", "Cure:"))

    all_say(machines, says.TRYING_AGAIN, SOON)
    behind_a_spanning_tree(lab, machines)
    all_say(machines, says.boots("automation.conf", "10.77.0.2"))
    all_say(machines, says.STARTING_KERNEL)


def behind_a_spanning_tree(lab, machines):
    """The switch ports do not forward yet when Slipway begins: that is waited out, without an error."""
    for machine in machines:
        lab.network.set_port(machine.tap, "listening")
    lab.dhcp.start()
    for machine in machines:
        machine.serial.send(" ")
    time.sleep(6)  # longer than the first DISCOVER's four seconds
    for machine in machines:
        said = machine.serial.text[machine.serial.at:]
        assert "Address" not in said and "PXE-E" not in said, said
        lab.network.set_port(machine.tap, "forwarding")
