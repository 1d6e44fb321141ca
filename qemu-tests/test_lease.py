# SPDX-License-Identifier: GPL-2.0-or-later
"""A visit to automation that takes longer than the machine's lease: the agent has it extended."""
import json

from lab import dnsmasq
from lab.kea import Kea
from lab.timeouts import BOOT, FIRMWARE, SOON

MAC = "52:54:00:00:01:21"
NAME = "new-" + MAC.replace(":", "")
LEASE = 20  # seconds; the agent asks in the middle of it
DHCP_SERVER = "10.77.0.1"


def renewals(lab, address):
    """Requests for the address that their sender already has: (to whom, whether it was answered)."""
    sent = [d for d in lab.capture.datagrams() if {d.src_port, d.dst_port} == {67, 68}]
    answers = {d.data[4:8] for d in sent if d.src_port == 67}
    return [(d.dst, d.data[4:8] in answers) for d in sent if d.src == address and d.dst_port == 67]


def test_lease_is_extended(lab):
    lab.serve(dnsmasq.router(lab.dhcp.netns, lab.directory))
    kea = lab.serve(Kea(lab.dhcp.netns, lab.directory, LEASE))
    lab.pxe.start()
    lab.slipwayd.start()
    machine = lab.machine("long", MAC, bios=True).start()
    address = lab.slipwayd.wait_machine(NAME, FIRMWARE + BOOT)["address"]
    lab.slipwayd.wait(lambda: renewals(lab, address).count((DHCP_SERVER, True)) >= 2, 3 * LEASE + SOON,
                      lambda: f"the lease to be extended twice: {renewals(lab, address)}")
    # How long the address was given for is asked once, of everybody: the boot client does not pass that on.
    assert renewals(lab, address)[0] == ("255.255.255.255", True)

    kea.stop()
    machine.expect(r"network: no DHCP server has extended the lease of [\d.]+, which is over; going on with it[\r\n]",
                   2 * LEASE + SOON)
    steps = lab.directory / "steps.json"
    steps.write_text(json.dumps({"steps": [{"step": "run", "command": "true"}], "finish": "poweroff"}))
    lab.slipwayd.command("job", "submit", steps, NAME)
    assert lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], BOOT)["state"] == "succeeded"
    machine.wait_off(BOOT)
