# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that nobody knows, with 256 MiB: it goes into automation, is registered, waits, and does the job that it is
given then. Its two disks are never confused."""
from lab import casync, small_disk
from lab.timeouts import BOOT, FIRMWARE, IMAGING, SOON

MAC = "52:54:00:00:01:06"
NAME = "new-" + MAC.replace(":", "")


def test_unknown_machine_with_256_mib(lab):
    lab.start()
    source = small_disk.build(lab.directory / "source.img", lab.directory / "work")
    blank = lab.blank_disk("blank", 512 << 20)
    before = source.read_bytes()
    machine = lab.machine("fresh", MAC, disks=[source, blank], memory=256).start()
    assert lab.slipwayd.wait_machine(NAME, FIRMWARE + BOOT)["address"].startswith("10.77.0.1")
    machine.expect(NAME, SOON)
    assert NAME in lab.slipwayd.command("machine", "list").stdout

    # Two disks and no rule: an error that names them, and the machine waits for the next job.
    lab.slipwayd.command("capture", NAME, "small", "--finish", "hold")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert (job["state"], job["reason"]) == ("failed", "ambiguous-disk")
    assert "/dev/vda" in job["message"] and "/dev/vdb" in job["message"], job["message"]

    # A rule, and it does that one; the other disk stays blank, the source as it was.
    lab.slipwayd.command("capture", NAME, "small", "--disk", "serial=fresh", "--finish", "poweroff")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert job["state"] == "succeeded", job
    machine.wait_off(BOOT)
    assert source.read_bytes() == before
    assert blank.stat().st_blocks == 0
    assert casync.verify(lab.slipwayd.store, "small", source, lab.directory)[1] == []
