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
    found = lab.slipwayd.wait_machine(NAME, FIRMWARE + BOOT)
    assert [disk["serial"] for disk in found["disks"]] == ["fresh", "fresh-2"]
    machine.expect(NAME, SOON)
    assert NAME in lab.slipwayd.command("machine", "list").stdout

    # Two disks and no rule: an error that names them, and the machine waits for the next job.
    lab.slipwayd.command("capture", NAME, "small", "--finish", "hold")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert (job["state"], job["reason"]) == ("failed", "ambiguous-disk")
    assert "fresh-2" in job["message"]
