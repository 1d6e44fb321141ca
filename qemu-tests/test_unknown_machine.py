# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that nobody knows, with 256 MiB: it goes into automation, is registered, waits, and does the job that it is
given then. Its disks are never confused, and file systems fit the disk afterwards, with the programs that automation
brings."""
import json
import random
import subprocess

from lab import casync, small_disk
from lab.timeouts import BOOT, FIRMWARE, IMAGING, SOON

OWN_START, OWN_SIZE = 112 << 20, 4 << 20
MAC = "52:54:00:00:01:06"
NAME = "new-" + MAC.replace(":", "")


def test_unknown_machine_with_256_mib(lab):
    lab.start()
    source = small_disk.build(lab.directory / "source.img", lab.directory / "work")
    blank, smaller = lab.blank_disk("blank", 512 << 20), lab.blank_disk("smaller", 120 << 20)
    own = give_own_partition(smaller)
    before = source.read_bytes()
    machine = lab.machine("fresh", MAC, disks=[source, blank, smaller], memory=256).start()
    assert lab.slipwayd.wait_machine(NAME, FIRMWARE + BOOT)["address"].startswith("10.77.0.1")
    machine.expect(NAME, SOON)
    assert NAME in lab.slipwayd.command("machine", "list").stdout

    # Several disks and no rule: an error that names them, and the machine waits for the next job.
    lab.slipwayd.command("capture", NAME, "small", "--as-is", "--finish", "hold")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert (job["state"], job["reason"]) == ("failed", "ambiguous-disk")
    assert "/dev/vda" in job["message"] and "/dev/vdb" in job["message"], job["message"]

    # A rule, and it does that one; the other disk stays blank, the source as it was.
    lab.slipwayd.command("capture", NAME, "small", "--as-is", "--disk", "serial=fresh", "--finish", "hold")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert job["state"] == "succeeded", job
    assert source.read_bytes() == before
    assert blank.stat().st_blocks == 0

    # The root grows on one disk and shrinks on the other, which keeps a partition of its own.
    deploy_among_other_steps(lab)
    lab.slipwayd.command("deploy", "small", NAME, "--disk", "serial=fresh-3", "--keep", "5", "--finish", "poweroff")
    job = lab.slipwayd.wait_job(lab.slipwayd.newest_job(NAME)["id"], IMAGING)
    assert job["state"] == "succeeded", job
    machine.wait_off(BOOT)
    assert source.read_bytes() == before
    assert root_size(blank, lab.directory / "root") > 460 << 20
    assert 60 << 20 < root_size(smaller, lab.directory / "root") < 76 << 20
    assert smaller.read_bytes()[OWN_START:][:OWN_SIZE] == own
    assert 'start=      229376, size=        8192, type=' in entry(smaller, 5) and 'name="own"' in entry(smaller, 5)
    assert casync.verify(lab.slipwayd.store, "small", source, lab.directory)[1] == []


SCRIPT = """set -e
echo $((6 * 7)) > /tmp/a
sort /tmp/a | sed s/4/four-/
awk '{ print NF }' /tmp/a; stat -c %F /dev/vda; e2fsck -V
"""


def deploy_among_other_steps(lab):
    """With automation's own shell before it, and a file into the deployed system and out again behind it."""
    order = lab.directory / "order.json"
    order.write_text(json.dumps({"finish": "hold", "steps": [
        {"step": "run", "command": SCRIPT, "timeout": 60},
        {"step": "deploy", "image": "small", "disk": {"serial": "fresh-2"}},
        {"step": "put", "where": "system", "path": "/etc/motd", "content": "aGk="},
        {"step": "get", "where": "system", "path": "/etc/motd", "name": "motd"}]}))
    lab.slipwayd.command("job", "submit", order, NAME)
    number = lab.slipwayd.newest_job(NAME)["id"]
    job = lab.slipwayd.wait_job(number, IMAGING)
    assert (job["state"], job["done"]) == ("succeeded", 4), job
    assert lab.slipwayd.command("job", "fetch", str(number), "motd", "-").stdout == "hi"
    output = lab.slipwayd.command("job", "fetch", str(number), "output-1.txt", "-").stdout
    assert output.startswith("four-2\n1\nblock special file\n") and "e2fsck 1.4" in output, output


def give_own_partition(disk):
    """Partition 5, at the end, with bytes that are returned."""
    content = random.Random(5).randbytes(OWN_SIZE)
    subprocess.run(["sfdisk", "--quiet", disk], check=True, input=f"label: gpt\n{disk}5 : start={OWN_START // 512}, "
                   f"size={OWN_SIZE // 512}, type={small_disk.LINUX_TYPE}, name=\"own\"\n".encode())
    with open(disk, "r+b") as file:
        file.seek(OWN_START)
        file.write(content)
    return content


def entry(disk, number):
    """What sfdisk says of a partition."""
    text = subprocess.run(["sfdisk", "--dump", disk], check=True, capture_output=True, text=True).stdout
    return next(line for line in text.splitlines() if line.startswith(f"{disk}{number} "))


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
