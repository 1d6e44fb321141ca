# SPDX-License-Identifier: GPL-2.0-or-later
"""The cable is pulled in the middle of a capture, and the plug in the middle of a deploy. Both jobs end well; in between
there is no image, and no disk that could boot."""
import subprocess
import time

from lab import casync, small_disk
from lab.station import used_blocks
from lab.timeouts import BOOT, FIRMWARE, IMAGING, SOON

MIB = 1 << 20
MACS = {"source": "52:54:00:00:01:0c", "target": "52:54:00:00:01:0d"}


def chunks(lab):
    return sum(1 for _ in (lab.slipwayd.store / "chunks.castr").glob("*/*.cacnk"))


def job_of(lab, name):
    return lab.slipwayd.newest_job(name)["id"]


def wait_for_the_middle(what, reached):
    end = time.monotonic() + FIRMWARE + BOOT
    while not reached():
        assert time.monotonic() < end, f"{what} never came to its middle"
        time.sleep(0.01)


def capture_with_a_pulled_cable(lab, disk):
    lab.slipwayd.command("capture", "source", "torn", "--as-is", "--finish", "poweroff")
    machine = lab.machine("source", MACS["source"], disks=[disk]).start()
    wait_for_the_middle("the capture", lambda: chunks(lab) > 30)
    machine.plug_cable(False)
    machine.expect(r"no link on eth0: check the cable", SOON)
    assert lab.slipwayd.get("images")["images"] == []
    machine.plug_cable(True)
    machine.expect(r"link is back", SOON)
    job = lab.slipwayd.wait_job(job_of(lab, "source"), IMAGING)
    assert job["state"] == "succeeded", job
    machine.wait_off(BOOT)
    assert "powering off" in machine.serial.text


def deploy_with_a_pulled_plug(lab, disk):
    lab.slipwayd.command("deploy", "torn", "target", "--finish", "poweroff")
    machine = lab.machine("target", MACS["target"], disks=[disk]).start()
    wait_for_the_middle("the deploy", lambda: used_blocks(disk) > 60 * MIB)
    machine.stop()
    with open(disk, "rb") as file:
        assert not any(file.read(MIB)), "a broken deploy left something that could boot"
    assert lab.slipwayd.job(job_of(lab, "target"))["state"] == "running"
    machine.start()
    job = lab.slipwayd.wait_job(job_of(lab, "target"), IMAGING)
    assert (job["state"], job["starts"]) == ("succeeded", 2), job
    machine.wait_off(BOOT)


def test_cable_and_plug(lab):
    lab.start()
    for name, mac in MACS.items():
        lab.slipwayd.command("machine", "add", mac, name)
    source = small_disk.build(lab.directory / "source.img", lab.directory / "work", data=400 * MIB, size=768 * MIB)
    target = lab.blank_disk("target", 800 * MIB)
    capture_with_a_pulled_cable(lab, source)
    assert casync.verify(lab.slipwayd.store, "torn", source, lab.directory)[1] == []
    deploy_with_a_pulled_plug(lab, target)
    subprocess.run(["sgdisk", "-v", target], check=True, capture_output=True)
