# SPDX-License-Identifier: GPL-2.0-or-later
"""Straight into production: from power-on to the system's login with one network boot, by BootNext and by kexec."""
import json
import subprocess

import demo
from lab import debian_disk, dhcp_probe, paths
from lab.netns import command_in
from lab.timeouts import BOOT, FIRMWARE, IMAGING, SOON

GIB = 1 << 30
MAC = "52:54:00:00:0f:01"
IN_SYSTEM = [{"step": "run", "command": "test -e /etc/os-release", "where": "system"}]


def network_boots(lab, machine):
    """When the machine asked for a boot file: its DHCPDISCOVERs as a PXE client, those within twenty seconds are one."""
    times = []
    for d in lab.capture.datagrams():
        if d.mac != machine.mac or d.dst_port != 67 or len(d.data) < 241:
            continue
        options = dhcp_probe.parse(d.data)[1]
        is_firmware = options.get(60, b"").startswith(b"PXEClient") and b"Slipway" not in options.get(77, b"")
        if options.get(53) == bytes([dhcp_probe.DISCOVER]) and is_firmware and (not times or d.when > times[-1] + 20):
            times.append(d.when)
    return times


def submit(lab, finish, name="pc"):
    """A job that writes no disk."""
    order = lab.directory / f"{finish}.json"
    order.write_text(json.dumps({"steps": IN_SYSTEM, "finish": finish}))
    lab.slipwayd.command("job", "submit", order, name)
    return lab.slipwayd.newest_job(name)["id"]


def comes_up(lab, machine, job, name):
    """The machine's system asks for a login, and the job has succeeded."""
    machine.serial.login(name, debian_disk.PASSWORD, FIRMWARE + BOOT)
    done = lab.slipwayd.wait_job(job, BOOT)
    assert done["state"] == "succeeded", done


def test_uefi_bootnext(lab):
    """A deploy that ends with BootNext, and that the system confirms."""
    lab.start()
    subprocess.run(command_in(lab.server_netns, [paths.SLIPWAY, "--socket", lab.slipwayd.socket, "image", "import",
                                                      paths.DEBIAN_IMAGE, "--name", "debian"]), check=True,
                   timeout=IMAGING, stdout=subprocess.DEVNULL)
    lab.slipwayd.command("machine", "add", MAC, "pc")
    lab.slipwayd.command("deploy", "debian", "pc", "--finish", "bootnext", "--confirm")
    job = lab.slipwayd.newest_job("pc")["id"]
    machine = lab.machine("pc", MAC, disks=[lab.blank_disk("pc", 4 * GIB)], cpus=2).start()
    machine.expect(r"boot entry Boot[0-9A-F]{4} \(Debian GNU/Linux.*\) made[\s\S]*\(BootNext\)[\r\n]",
                   FIRMWARE + BOOT + IMAGING)
    comes_up(lab, machine, job, "pc")
    assert len(network_boots(lab, machine)) == 1
    assert len(demo.greeting_times(machine)) == 1
    # No boot client has been heard of since: what confirmed the job is the unit in the system, which is gone by now.
    lab.slipwayd.wait(lambda: machine.serial.run("ls -d /usr/local/lib/slipway /etc/systemd/system/slipway* 2>/dev/null")
                      == "", SOON, lambda: "the unit that confirms to be gone")


def test_bios_kexec(lab):
    """bootnext is refused before anything is touched; kexec needs one network boot."""
    lab.start()
    disk = lab.copy_disk(paths.DEBIAN_BIOS_GPT, "pc")
    lab.slipwayd.command("machine", "add", MAC, "pc")
    refused = submit(lab, "bootnext")
    machine = lab.machine("pc", MAC, disks=[disk], cpus=2, bios=True).start()
    done = lab.slipwayd.wait_job(refused, FIRMWARE + BOOT)
    assert (done["state"], done["reason"]) == ("failed", "production") and "BIOS" in done["message"]
    # A machine whose job failed stays in automation and takes the next one there.
    comes_up(lab, machine, submit(lab, "kexec"), debian_disk.HOST_NAME)
    assert len(network_boots(lab, machine)) == 1
    assert len(demo.greeting_times(machine)) == 1
