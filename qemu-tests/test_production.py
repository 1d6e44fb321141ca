# SPDX-License-Identifier: GPL-2.0-or-later
"""Straight into production: from power-on to the system's login with one network boot, by BootNext and by kexec."""
import json
import subprocess
import sys

import demo
from lab import debian_disk, dhcp_probe, paths, says, variables
from lab.netns import Process, command_in
from lab.timeouts import BOOT, FIRMWARE, IMAGING, SOON

MAC = "52:54:00:00:0f:01"
KERNEL = "k=$(ls /boot/vmlinuz-*) && "
# Without the mark of a kernel at 0x202, and with it again.
DAMAGE = KERNEL + "cp -p $k /boot/kept && printf none | dd of=$k bs=1 seek=514 conv=notrunc"
REPAIR = KERNEL + "mv /boot/kept $k"


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


def submit(lab, finish, command="test -e /etc/os-release", name="pc"):
    """A job that runs a command in the machine's system."""
    order = lab.directory / f"{finish}.json"
    order.write_text(json.dumps({"steps": [{"step": "run", "command": command, "where": "system"}], "finish": finish}))
    lab.slipwayd.command("job", "submit", order, name)
    return lab.slipwayd.newest_job(name)["id"]


def comes_up(lab, machine, job, name):
    """The machine's system asks for a login, and the job has succeeded."""
    machine.serial.login(name, debian_disk.PASSWORD, FIRMWARE + BOOT)
    done = lab.slipwayd.wait_job(job, BOOT)
    assert done["state"] == "succeeded", done


def install_agent(lab, machine):
    """Puts the resident agent's package into the running system, and tells it where the server is."""
    code = ("import socket, sys\ns = socket.create_server(('10.77.0.2', 9000))\nc = s.accept()[0]\n"
            "c.sendall(open(sys.argv[1], 'rb').read())")
    sender = Process(lab.server_netns, [sys.executable, "-c", code, paths.AGENT_PACKAGE], lab.directory / "sender.log")
    machine.serial.run("until cat < /dev/tcp/10.77.0.2/9000 > /tmp/agent.deb; do sleep 0.2; done 2>/dev/null", BOOT)
    sender.stop()
    said = machine.serial.run("dpkg -i /tmp/agent.deb 2>&1; printf 'server=10.77.0.2\\nwarning=2\\ninterval=1\\n' >>"
                              " /etc/slipway/resident.conf; systemctl enable --now slipway-agent 2>&1", BOOT)
    assert "Setting up slipway-agent" in said, said
    assert machine.serial.run("systemctl is-active slipway-agent") == "active"


def boot_order(machine):
    """The numbers of the firmware's BootOrder, by the running system."""
    words = machine.serial.run("od -An -v -tx2 -j4 /sys/firmware/efi/efivars/BootOrder-*").split()
    return [word.upper() for word in words]


def add_old_loader(disk):
    """A loader on the disk's ESP that the image has not, and the boot entry for it."""
    volume = f"{disk}@@{1 << 20}"
    subprocess.run(["mmd", "-i", volume, "::/EFI/gone"], check=True)
    subprocess.run(["mcopy", "-i", volume, paths.SLIPWAY_EFI, "::/EFI/gone/own.efi"], check=True)
    return variables.boot_option("Gone", disk, r"\EFI\gone\own.efi")


def test_uefi(lab):
    """A deploy over another system, which ends with BootNext, and which the new system confirms. Then the resident agent
    brings the machine to its next job."""
    lab.start()
    subprocess.run(command_in(lab.server_netns, [paths.SLIPWAY, "--socket", lab.slipwayd.socket, "image", "import",
                                                 paths.DEBIAN_IMAGE, "--name", "debian"]), check=True,
                   timeout=IMAGING, stdout=subprocess.DEVNULL)
    lab.slipwayd.command("machine", "add", MAC, "pc")
    lab.slipwayd.command("deploy", "debian", "pc", "--finish", "bootnext", "--confirm")
    job = lab.slipwayd.newest_job("pc")["id"]
    disk = lab.copy_disk(paths.DEBIAN_IMAGE, "pc")
    machine = lab.machine("pc", MAC, disks=[disk], cpus=2, boot_options={0x0700: add_old_loader(disk)}).start()
    made = machine.expect(r"boot entry Boot([0-9A-F]{4}) \(Debian GNU/Linux.*\) made[\r\n]", FIRMWARE + BOOT + IMAGING)[1]
    machine.expect(r"boot entry Boot0700 \(Gone\) removed: it led nowhere[\r\n]", SOON)
    machine.expect(rf"the firmware's next start is Boot{made} \(BootNext\)[\r\n]", SOON)
    comes_up(lab, machine, job, "pc")
    assert len(network_boots(lab, machine)) == 1
    assert len(demo.greeting_times(machine)) == 1
    # QEMU tells OVMF at each start what comes first; the rest is ours.
    order = boot_order(machine)
    assert made in order and "0700" not in order, order
    assert machine.serial.run("ls /sys/firmware/efi/efivars | grep -c ^Boot0700") == "0"
    # No boot client has been heard of since: what confirmed the job is the unit in the system, which is gone by now.
    lab.slipwayd.wait(lambda: machine.serial.run("ls -d /usr/local/lib/slipway /etc/systemd/system/slipway* 2>/dev/null")
                      == "", SOON, lambda: "the unit that confirms to be gone")

    install_agent(lab, machine)
    machine.serial.send("journalctl -f -o cat -u slipway-agent &\n")
    job = submit(lab, "poweroff")
    machine.expect(r"\*\*\* Slipway: this computer restarts for maintenance in 2 s", SOON)
    machine.expect(r"next start: Boot[0-9A-F]{4}, network \(BootNext\)[\r\n]", SOON)
    machine.expect(says.GREETING, FIRMWARE + BOOT)
    assert lab.slipwayd.wait_job(job, BOOT)["state"] == "succeeded"
    machine.wait_off(BOOT)


def refused(lab, job, *words):
    """The job fails on its way into production."""
    done = lab.slipwayd.wait_job(job, FIRMWARE + BOOT)
    assert (done["state"], done["reason"]) == ("failed", "production"), done
    assert all(word in done["message"] for word in words), done


def test_bios(lab):
    """bootnext is refused before anything is touched; kexec needs one network boot, and a kernel that is one."""
    lab.start()
    lab.slipwayd.command("machine", "add", MAC, "pc")
    job = submit(lab, "bootnext")
    disk = lab.copy_disk(paths.DEBIAN_BIOS_GPT, "pc")
    machine = lab.machine("pc", MAC, disks=[disk], cpus=2, bios=True).start()
    refused(lab, job, "BIOS")
    # A machine whose job failed stays in automation and takes the next one there.
    refused(lab, submit(lab, "kexec", DAMAGE), "vmlinuz", "it is no kernel")
    job = submit(lab, "kexec", REPAIR)
    machine.expect(r"kexec: Debian GNU/Linux.*vmlinuz.*\(by grub\.cfg\)[\r\n]", BOOT)
    comes_up(lab, machine, job, debian_disk.HOST_NAME)
    assert len(network_boots(lab, machine)) == 1
    assert len(demo.greeting_times(machine)) == 1
