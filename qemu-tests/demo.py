# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, shown: pc-a boots over the network and is captured; pc-b and pc-c are made from its image.

`make demo` runs it; test_end_to_end.py runs the same and so makes it a test."""
import hashlib
import sys
import time
import traceback
from datetime import datetime

from lab import casync, debian_disk, paths, says
from lab.lab import Lab
from lab.report import Report
from lab.timeouts import BOOT, FIRMWARE, IMAGING

GIB = 1 << 30
MACS = {"pc-a": "52:54:00:00:00:0a", "pc-b": "52:54:00:00:00:0b", "pc-c": "52:54:00:00:00:0c"}
TARGETS = {"pc-b": 4 * GIB, "pc-c": 5 * GIB}
# MiB; pc-b is the smallest machine that automation is made for.
MEMORY = {"pc-b": 256, "pc-c": 512}

IDENTITY = {"host name": "hostname", "machine-id": "cat /etc/machine-id",
            "ssh host key": "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2",
            "address": "ip -4 -o address show scope global | awk '{print $4}'",
            "slipway.cfg": "grep -v '^#' /slipway.cfg | tr '\\n' ' '"}


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


def to_automation(lab, report, machine, name):
    """From power-on to the agent's check-in."""
    switched_on = time.monotonic()
    machine.start()
    report.say(f"{name} is switched on; the firmware looks for the network")
    machine.expect(says.GREETING, FIRMWARE)
    started = machine.serial.times_of(says.GREETING)[0]
    report.add(f"{name}: power-on to slipway.efi", started - switched_on)
    lab.slipwayd.wait_machine(name, BOOT)
    size = sum((lab.tftp / file).stat().st_size for file in ("vmlinuz", "initramfs.zst"))
    report.add(f"{name}: slipway.efi to the agent's check-in", time.monotonic() - started, size)


def finish_job(lab, report, number, what, seconds=IMAGING):
    job = lab.slipwayd.wait_job(number, seconds)
    require(job["state"] == "succeeded", f"{what}: {job['state']}, {job['reason']}: {job['message']}")
    report.add(what, seconds_of(job), job["bytes_total"])
    return job


def add_machines(lab, report):
    for name, mac in MACS.items():
        lab.slipwayd.command("machine", "add", mac, name)
    report.say(f"slipwayd knows {', '.join(lab.slipwayd.machines())}")


def capture(lab, report, disk):
    """pc-a is captured and must not be changed by that."""
    before = sha256(disk)
    report.say(f"pc-a's disk before: sha256 {before}")
    lab.slipwayd.command("capture", "pc-a", "debian", "--finish", "poweroff")
    machine = lab.machine("pc-a", MACS["pc-a"], disks=[disk], cpus=2)
    to_automation(lab, report, machine, "pc-a")
    finish_job(lab, report, lab.slipwayd.newest_job("pc-a")["id"], "pc-a: capture")
    machine.wait_off(BOOT)
    after = sha256(disk)
    report.say(f"pc-a's disk after:  sha256 {after}")
    require(before == after, "the capture changed pc-a's disk")


def verify_image(lab, report, disk):
    started = time.monotonic()
    size, problems = casync.verify(lab.slipwayd.store, "debian", disk, lab.directory)
    require(not problems, f"casync extract gives something else back: {problems}")
    report.add("casync extract of each partition, and comparison", time.monotonic() - started, size)


def deploy(lab, report):
    """pc-b and pc-c, at the same time, onto blank and larger disks. Returns the running machines."""
    lab.slipwayd.command("deploy", "debian", *TARGETS)
    jobs = {name: lab.slipwayd.newest_job(name)["id"] for name in TARGETS}
    machines = {name: lab.machine(name, MACS[name], memory=MEMORY[name], disks=[lab.blank_disk(name, size)])
                for name, size in TARGETS.items()}
    for name, machine in machines.items():
        machine.start()
        report.say(f"{name} is switched on, with {MEMORY[name]} MiB and a blank disk of {TARGETS[name] // GIB} GiB")
    for name, machine in machines.items():
        finish_job(lab, report, jobs[name], f"{name}: deploy")
    return machines


def log_in(report, name, machine):
    """Waits for production on the serial console, and asks it who it is."""
    for _ in range(2):
        machine.expect(says.GREETING, FIRMWARE)
    report.say(f"{name}: local boot: {machine.expect(says.LOCAL_BOOT, BOOT)[1]}")
    machine.serial.login(name, debian_disk.PASSWORD, BOOT)
    booted, prompt = machine.serial.times_of(says.GREETING)[1], machine.serial.times_of(f"{name} login: ")[0]
    report.add(f"{name}: slipway.efi again to Debian's login", prompt - booted)
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


def tell(lab, report):
    """The whole story; raises when any of it goes wrong."""
    disk = lab.copy_disk(paths.DEBIAN_IMAGE, "pc-a")
    lab.start()
    add_machines(lab, report)
    capture(lab, report, disk)
    verify_image(lab, report, disk)
    machines = deploy(lab, report)
    compare_identities({name: log_in(report, name, machine) for name, machine in machines.items()})


def main():
    report = Report()
    try:
        with Lab("demo") as lab:
            tell(lab, report)
    except BaseException as error:
        report.table()
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        print(f"\nFAILED: {error or type(error).__name__}", file=sys.stderr)
        return 1
    report.table()
    print("\npc-a is captured and unchanged; pc-b and pc-c run its Debian, each as itself.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
