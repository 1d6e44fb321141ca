# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, shown: PCs boot over the network and are captured; pc-b and pc-c are made from their images.

`make demo` runs it with UEFI machines, `make demo FIRMWARE=bios` with BIOS machines. test_end_to_end.py and
test_bios_end_to_end.py run the same and so make it a test."""
import hashlib
import os
import sys
import time
import traceback
import typing
from datetime import datetime

from lab import casync, debian_disk, firmware, paths, says
from lab.lab import Lab
from lab.report import Report
from lab.timeouts import BOOT, FIRMWARE, IMAGING

GIB = 1 << 30
MACS = {"pc-a": "52:54:00:00:00:0a", "pc-b": "52:54:00:00:00:0b", "pc-c": "52:54:00:00:00:0c",
        "pc-d": "52:54:00:00:00:0d"}


class Target(typing.NamedTuple):
    image: str
    size: int    # of its blank disk
    memory: int  # MiB


class Story(typing.NamedTuple):
    firmware: firmware.Firmware
    sources: dict  # machine: (image, its disk)
    targets: dict  # machine: Target; the first is the smallest machine that automation is made for


STORIES = {
    "uefi": Story(firmware.UEFI, {"pc-a": ("debian", paths.DEBIAN_IMAGE)},
                  {"pc-b": Target("debian", 4 * GIB, 256), "pc-c": Target("debian", 5 * GIB, 512)}),
    "bios": Story(firmware.BIOS, {"pc-a": ("debian-mbr", paths.DEBIAN_BIOS_MBR),
                                  "pc-d": ("debian-gpt", paths.DEBIAN_BIOS_GPT)},
                  {"pc-b": Target("debian-mbr", 4 * GIB, 256), "pc-c": Target("debian-gpt", 5 * GIB, 512)})}

IDENTITY = {"host name": "hostname", "machine-id": "cat /etc/machine-id",
            "ssh host key": "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2",
            "address": "ip -4 -o address show scope global | awk '{print $4}'",
            "slipway.cfg": "grep -v '^#' /slipway.cfg | tr '\\n' ' '",
            "file systems": "lsblk --noheadings --raw --output NAME,SIZE,FSTYPE,MOUNTPOINT /dev/vda | tr '\\n' ','"}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seconds_of(job):
    """How long a job ran, by slipwayd's clock."""
    start, end = (datetime.fromisoformat(job[key].replace("Z", "+00:00")) for key in ("started", "ended"))
    return (end - start).total_seconds()


def require(truth, text):
    if not truth:
        raise AssertionError(text)


def greeting_times(machine):
    return machine.serial.times_of(f"{says.GREETING}|{says.BIOS_GREETING}")


def to_automation(lab, report, machine, name, story):
    """From power-on to the agent's check-in."""
    switched_on = time.monotonic()
    machine.start()
    report.say(f"{name} is switched on; the firmware looks for the network")
    machine.expect(story.firmware.greeting, FIRMWARE)
    started = greeting_times(machine)[0]
    report.add(f"{name}: power-on to {story.firmware.nbp}", started - switched_on)
    lab.slipwayd.wait_machine(name, BOOT)
    size = sum((lab.tftp / file).stat().st_size for file in ("vmlinuz", "initramfs.zst"))
    report.add(f"{name}: {story.firmware.nbp} to the agent's check-in", time.monotonic() - started, size)


def finish_job(lab, report, number, what, seconds=IMAGING):
    job = lab.slipwayd.wait_job(number, seconds)
    require(job["state"] == "succeeded", f"{what}: {job['state']}, {job['reason']}: {job['message']}")
    report.add(what, seconds_of(job), job["bytes_total"])
    return job


def add_machines(lab, report, story):
    for name in (*story.sources, *story.targets):
        lab.slipwayd.command("machine", "add", MACS[name], name)
    report.say(f"slipwayd knows {', '.join(lab.slipwayd.machines())}")


def capture(lab, report, story, name, disk):
    """A machine is captured and must not be changed by that."""
    before = sha256(disk)
    report.say(f"{name}'s disk before: sha256 {before}")
    lab.slipwayd.command("capture", name, story.sources[name][0], "--finish", "poweroff")
    machine = lab.machine(name, MACS[name], disks=[disk], cpus=2, bios=story.firmware.bios)
    to_automation(lab, report, machine, name, story)
    finish_job(lab, report, lab.slipwayd.newest_job(name)["id"], f"{name}: capture")
    machine.wait_off(BOOT)
    after = sha256(disk)
    report.say(f"{name}'s disk after:  sha256 {after}")
    require(before == after, f"the capture changed {name}'s disk")


def verify_image(lab, report, image, disk):
    started = time.monotonic()
    size, problems = casync.verify(lab.slipwayd.store, image, disk, lab.directory)
    require(not problems, f"casync extract gives something else back: {problems}")
    report.add(f"casync extract of each partition of {image}, and comparison", time.monotonic() - started, size)


def deploy(lab, report, story):
    """pc-b and pc-c, at the same time, onto blank and larger disks. Returns the running machines."""
    machines, jobs = {}, {}
    for name, target in story.targets.items():
        lab.slipwayd.command("deploy", target.image, name)
        jobs[name] = lab.slipwayd.newest_job(name)["id"]
        machines[name] = lab.machine(name, MACS[name], memory=target.memory, bios=story.firmware.bios,
                                     disks=[lab.blank_disk(name, target.size)])
    for name, machine in machines.items():
        machine.start()
        memory, size = story.targets[name].memory, story.targets[name].size
        report.say(f"{name} is switched on, with {memory} MiB and a blank disk of {size // GIB} GiB")
    for name, machine in machines.items():
        finish_job(lab, report, jobs[name], f"{name}: deploy")
    return machines


def log_in(report, name, machine, story=STORIES["uefi"]):
    """Waits for production on the serial console, and asks it who it is."""
    for _ in range(2):
        machine.expect(story.firmware.greeting, FIRMWARE)
    report.say(f"{name}: local boot: {machine.expect(says.LOCAL_BOOT, BOOT)[1]}")
    machine.serial.login(name, debian_disk.PASSWORD, BOOT)
    booted, prompt = greeting_times(machine)[1], machine.serial.times_of(f"{name} login: ")[0]
    report.add(f"{name}: {story.firmware.nbp} again to Debian's login", prompt - booted)
    identity = {what: machine.serial.run(command, 120) for what, command in IDENTITY.items()}
    for what, value in identity.items():
        report.say(f"{name}: {what}: {value}")
    require(identity["host name"] == name, f"{name} calls itself {identity['host name']}")
    machine.serial.send("poweroff\n")
    machine.wait_off(BOOT)
    return identity


def compare_identities(identities):
    first, second = identities.values()
    for what in ("host name", "machine-id", "ssh host key"):
        require(first[what] and second[what] and first[what] != second[what],
                f"pc-b and pc-c share a {what}: {first[what]!r}")
    for identity in identities.values():
        require(identity["machine-id"] != debian_disk.MACHINE_ID, "the image's machine-id came along")


def tell(lab, report, story):
    """The whole story; raises when any of it goes wrong. Returns what pc-b and pc-c said of themselves."""
    disks = {name: lab.copy_disk(disk, name) for name, (_, disk) in story.sources.items()}
    lab.start()
    add_machines(lab, report, story)
    for name, (image, _) in story.sources.items():
        capture(lab, report, story, name, disks[name])
        verify_image(lab, report, image, disks[name])
    machines = deploy(lab, report, story)
    identities = {name: log_in(report, name, machine, story) for name, machine in machines.items()}
    compare_identities(identities)
    return identities


def main():
    chosen = os.environ.get("FIRMWARE", "uefi")
    if chosen not in STORIES:
        print(f"FIRMWARE={chosen}: there are {' and '.join(STORIES)}", file=sys.stderr)
        return 2
    report, story = Report(), STORIES[chosen]
    try:
        with Lab("demo") as lab:
            tell(lab, report, story)
    except BaseException as error:
        report.table()
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        print(f"\nFAILED: {error or type(error).__name__}", file=sys.stderr)
        return 1
    report.table()
    captured = " and ".join(story.sources)
    print(f"\n{captured}: captured and unchanged. pc-b and pc-c run what was captured, each as itself.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
