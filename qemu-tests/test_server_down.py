# SPDX-License-Identifier: GPL-2.0-or-later
"""slipwayd is down when the agent starts: it says so, tries again with growing pauses, and goes on when it is back."""
from lab.timeouts import BOOT, FIRMWARE, NETWORK, SOON

MAC = "52:54:00:00:01:05"


def test_server_down(lab):
    lab.dhcp.start()
    lab.pxe.start()
    machine = lab.machine("patient", MAC).start()
    pauses = [int(machine.expect(r"10\.77\.0\.2.*trying again in (\d+) s", FIRMWARE + BOOT)[1]) for _ in range(3)]
    assert pauses == sorted(pauses) and pauses[0] < pauses[2], f"pauses do not grow: {pauses}"
    lab.slipwayd.start()
    lab.slipwayd.wait_machine("new-" + MAC.replace(":", ""), NETWORK)
    machine.expect("new-" + MAC.replace(":", ""), SOON)
