# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that nobody knows, with 256 MiB: it goes into automation, is registered, waits, and does the job that it is
given then. Its disks are never confused, and file systems fit the disk afterwards, with the programs that automation
brings."""
import subprocess

from lab import casync, small_disk
from lab.timeouts import BOOT, FIRMWARE, IMAGING, SOON

MAC = "52:54:00:00:01:06"
NAME = "new-" + MAC.replace(":", "")


def test_unknown_machine_with_256_mib(lab):
    lab.start()
    source = small_disk.build(lab.directory / "source.img", lab.directory / "work")
    blank, smaller = lab.blank_disk("blank", 512 << 20), lab.blank_disk("smaller", 112 << 20)
    before = source.read_bytes()
    machine = lab.machine("fresh", MAC, disks=[source, blank, smaller], memory=256).start()
    assert lab.slipwayd.wait_machine(NAME, FIRMWARE + BOOT)["address"].startswith("10.77.0.1")
    machine.expect(NAME, SOON)
    assert NAME in lab.slipwayd.command("machine", "list").stdout

    # Several disks and no rule: an error that names them, and the machine waits for the next job.
    lab.slipwayd.command("capture", NAME, "small", "--finish", "hold")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert (job["state"], job["reason"]) == ("failed", "ambiguous-disk")
    assert "/dev/vda" in job["message"] and "/dev/vdb" in job["message"], job["message"]

    # A rule, and it does that one; the other disk stays blank, the source as it was.
    lab.slipwayd.command("capture", NAME, "small", "--disk", "serial=fresh", "--finish", "hold")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert job["state"] == "succeeded", job
    assert source.read_bytes() == before
    assert blank.stat().st_blocks == 0

    # The root grows on one disk and shrinks on the other.
    for rule, finish in (("serial=fresh-2", "hold"), ("serial=fresh-3", "poweroff")):
        lab.slipwayd.command("deploy", "small", NAME, "--disk", rule, "--finish", finish)
        job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
        assert job["state"] == "succeeded", job
    machine.wait_off(BOOT)
    assert source.read_bytes() == before
    assert root_size(blank, lab.directory / "root") > 460 << 20
    assert 60 << 20 < root_size(smaller, lab.directory / "root") < 76 << 20
    assert casync.verify(lab.slipwayd.store, "small", source, lab.directory)[1] == []


def root_size(disk, copy):
    """Bytes of the ext4 in partition 2, which is copied, checked and fills its partition."""
    start, size = (int(subprocess.run(["partx", "-g", "-n", "2", "-o", column, disk], check=True, capture_output=True,
                                      text=True).stdout) for column in ("START", "SECTORS"))
    subprocess.run(["dd", f"if={disk}", f"of={copy}", "bs=512", f"skip={start}", f"count={size}", "status=none"], check=True)
    subprocess.run(["e2fsck", "-fn", copy], check=True, capture_output=True)
    text = subprocess.run(["dumpe2fs", "-h", copy], check=True, capture_output=True, text=True).stdout
    blocks, block = (int(next(line.split(":")[1] for line in text.splitlines() if line.startswith(name + ":")))
                     for name in ("Block count", "Block size"))
    assert blocks * block > (size << 9) - (1 << 20)
    return blocks * block
