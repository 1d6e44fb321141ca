# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, shown: PCs boot over the network and are captured; three others are made from images, each as itself.

`make demo` runs it with UEFI machines, `make demo FIRMWARE=bios` with BIOS machines. test_end_to_end.py and
test_bios_end_to_end.py run the same and so make it a test."""
import hashlib
import os
import subprocess
import sys
import time
import traceback
import typing
from datetime import datetime

from lab import casync, debian_disk, firmware, paths, says
from lab.lab import Lab
from lab.netns import command_in
from lab.report import Report
from lab.timeouts import BOOT, FIRMWARE, IMAGING

GIB = 1 << 30
MACS = {"pc-a": "52:54:00:00:00:0a", "pc-b": "52:54:00:00:00:0b", "pc-c": "52:54:00:00:00:0c",
        "pc-d": "52:54:00:00:00:0d", "pc-e": "52:54:00:00:00:0e"}
STATIC, CLOUD = "10.77.0.51", "debian-cloud"


class Target(typing.NamedTuple):
    image: str
    size: int     # of its blank disk
    memory: int   # MiB
    finish: str   # its way into production
    address: str  # "": from DHCP


class Story(typing.NamedTuple):
    firmware: firmware.Firmware
    sources: dict  # machine: (image, its disk)
    cloud: tuple   # the disk that becomes the image CLOUD, and where its root file system begins
    targets: dict  # machine: Target; the first is the smallest machine that automation is made for


STORIES = {
    "uefi": Story(firmware.UEFI, {"pc-a": ("debian", paths.DEBIAN_IMAGE)}, (paths.DEBIAN_IMAGE, debian_disk.UEFI_ROOT),
                  {"pc-b": Target("debian", 4 * GIB, 256, "bootnext", STATIC),
                   "pc-c": Target("debian", 5 * GIB, 512, "kexec", ""),
                   "pc-e": Target(CLOUD, 4 * GIB, 512, "reboot", "")}),
    "bios": Story(firmware.BIOS, {"pc-a": ("debian-mbr", paths.DEBIAN_BIOS_MBR),
                                  "pc-d": ("debian-gpt", paths.DEBIAN_BIOS_GPT)},
                  (paths.DEBIAN_BIOS_GPT, debian_disk.BIOS_GPT_ROOT),
                  {"pc-b": Target("debian-mbr", 4 * GIB, 256, "reboot", ""),
                   "pc-c": Target("debian-gpt", 5 * GIB, 512, "kexec", STATIC),
                   "pc-e": Target(CLOUD, 4 * GIB, 512, "kexec", "")})}

IDENTITY = {"host name": "hostname", "machine-id": "cat /etc/machine-id",
            "ssh host key": "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2",
            # A login does not wait for the network.
            "address": "timeout 100 sh -c 'until ip -4 -o address show scope global | grep -q .; do sleep 0.5; done'; "
                       "ip -4 -o address show scope global | awk '{print $4}'",
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


def debugfs(volume, request):
    """What debugfs prints on standard output; "" for what is not there."""
    return subprocess.run(["debugfs", "-R", request, volume], capture_output=True, text=True, check=True).stdout.strip()


def verify_anonymous(volume, source):
    """Nothing of who the source was is left in its system."""
    require("ID=" in debugfs(volume, "cat /usr/lib/os-release"), "there is no system in the image")
    require(debugfs(volume, "cat /etc/machine-id") == "", "the source's machine-id is in the image")
    require("ssh_host_" not in debugfs(volume, "ls /etc/ssh"), "the source's ssh host keys are in the image")
    require(source not in debugfs(volume, "cat /etc/hostname"), "the source's name is in the image")


def verify_image(lab, report, image):
    """casync gives every partition back, the file systems are clean, and the system belongs to nobody."""
    started, size = time.monotonic(), 0
    manifest = casync.manifest(lab.slipwayd.store, image)
    volume = lab.directory / "extracted"
    for part in manifest["partitions"]:
        volume.unlink(missing_ok=True)
        casync.extract(lab.slipwayd.store, image, part["index"], volume)
        size += part["size"]
        if part["fs"] and part["fs"]["type"] == "ext4":
            subprocess.run(["e2fsck", "-fn", volume], check=True, capture_output=True)
        if part["number"] in [system["partition"] for system in manifest["systems"]]:
            verify_anonymous(volume, debian_disk.HOST_NAME)
    volume.unlink()
    require(len(manifest["systems"]) == 1, f"the image's systems are {manifest['systems']}")
    report.say(f"{image}: {manifest['systems'][0]['name']}, without machine-id, host name and ssh host keys")
    report.add(f"{image}: casync extract, checked", time.monotonic() - started, size)


def import_cloud(lab, report, story):
    """An image on which cloud-init works, from a file."""
    disk, root = story.cloud
    copy = lab.copy_disk(disk, "cloud")
    debian_disk.enable_cloud_init(copy, root)
    started = time.monotonic()
    words = [paths.SLIPWAY, "--socket", lab.slipwayd.socket, "image", "import", copy, "--name", CLOUD]
    subprocess.run(command_in(lab.server_netns, words), check=True, timeout=IMAGING, stdout=subprocess.DEVNULL)
    report.add(f"import of {CLOUD}", time.monotonic() - started, disk.stat().st_size)
    copy.unlink()


def make_key(lab):
    """Who holds this key may log in on every machine. Returns (private key file, public key)."""
    key = lab.directory / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "admin@lab", "-f", key], check=True)
    return key, key.with_suffix(".pub").read_text().strip()


def deploy(lab, report, story, public_key):
    """All targets at the same time, onto blank and larger disks. Returns the running machines."""
    machines, jobs = {}, {}
    for name, target in story.targets.items():
        address = [f"address={target.address}/24", "gateway=10.77.0.254"] if target.address else ["address=dhcp"]
        lab.slipwayd.command("machine", "set", name, f"authorized_key={public_key}", *address)
        lab.slipwayd.command("deploy", target.image, name, "--finish", target.finish)
        jobs[name] = lab.slipwayd.newest_job(name)["id"]
        machines[name] = lab.machine(name, MACS[name], memory=target.memory, bios=story.firmware.bios,
                                     disks=[lab.blank_disk(name, target.size)])
    for name, machine in machines.items():
        machine.start()
        memory, size = story.targets[name].memory, story.targets[name].size
        report.say(f"{name} is switched on, with {memory} MiB and a blank disk of {size // GIB} GiB")
    for name, machine in machines.items():
        finish_job(lab, report, jobs[name], f"{name}: deploy of {story.targets[name].image}")
    return machines


def answers_by_ssh(lab, name, address, key):
    """What the machine calls itself, to who has the key."""
    words = ["ssh", "-i", key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "ConnectTimeout=20",
             "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", f"root@{address}", "hostname"]
    end = time.monotonic() + BOOT
    # sshd may come after the console's login.
    while (said := subprocess.run(command_in(lab.server_netns, words), capture_output=True, text=True,
                                  timeout=BOOT)).returncode == 255 and time.monotonic() < end:
        time.sleep(1)
    require(said.stdout.strip() == name, f"{name} at {address} answers ssh with {said.stdout!r}, {said.stderr!r}")


def log_in(report, name, machine, finish="reboot"):
    """Waits for production on the serial console, and asks it who it is."""
    machine.serial.login(name, debian_disk.PASSWORD, FIRMWARE + 2 * BOOT)
    starts, prompt = greeting_times(machine), machine.serial.times_of(f"{name} login: ")[0]
    # After a restart the boot client chooses the disk; BootNext and kexec do without it.
    require(len(starts) == (2 if finish == "reboot" else 1), f"{name} ({finish}) has started Slipway {len(starts)} times")
    report.add(f"{name}: slipway to login, by {finish}", prompt - starts[0])
    identity = {what: machine.serial.run(command, 120) for what, command in IDENTITY.items()}
    for what, value in identity.items():
        report.say(f"{name}: {what}: {value}")
    require(identity["host name"] == name, f"{name} calls itself {identity['host name']}")
    return identity


def power_off(machine):
    machine.serial.send("poweroff\n")
    machine.wait_off(BOOT)


def meet(lab, report, name, machine, target, key):
    """Its system is up, as itself, on the console and over the network."""
    identity = log_in(report, name, machine, target.finish)
    address = identity["address"].partition("/")[0]
    require(not target.address or address == target.address, f"{name} has the address {identity['address']}")
    answers_by_ssh(lab, name, address, key)
    report.say(f"{name}: answers ssh at {address}, to who has the key, with its name")
    power_off(machine)
    return identity


def compare_identities(identities):
    for what in ("host name", "machine-id", "ssh host key", "address"):
        values = [identity[what] for identity in identities.values()]
        require(all(values) and len(set(values)) == len(values), f"two of them share a {what}, or have none: {values}")
    require(debian_disk.MACHINE_ID not in [identity["machine-id"] for identity in identities.values()],
            "the image's machine-id came along")


def tell(lab, report, story):
    """The whole story; raises when any of it goes wrong. Returns what the targets said of themselves."""
    disks = {name: lab.copy_disk(disk, name) for name, (_, disk) in story.sources.items()}
    lab.start()
    add_machines(lab, report, story)
    for name, (image, _) in story.sources.items():
        capture(lab, report, story, name, disks[name])
        verify_image(lab, report, image)
    import_cloud(lab, report, story)
    key, public_key = make_key(lab)
    machines = deploy(lab, report, story, public_key)
    identities = {name: meet(lab, report, name, machine, story.targets[name], key)
                  for name, machine in machines.items()}
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
    captured, made = (" and ".join(names) for names in (story.sources, story.targets))
    print(f"\n{captured}: captured and unchanged. {made} run what was captured, each as itself.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
