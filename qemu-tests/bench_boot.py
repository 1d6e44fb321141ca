# SPDX-License-Identifier: GPL-2.0-or-later
"""From the boot program's first line to the agent's check-in: slipway.efi and iPXE in turn, in one lab, with the same
kernel, initramfs, DHCP, ProxyDHCP and TFTP servers. `make bench-boot [BENCH_ROUNDS=3]`

iPXE is Debian's ipxe.efi, started by the firmware as slipway.efi is; its script comes by ProxyDHCP. The lab announces an
IPv6 router, so that iPXE need not wait for one."""
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

from lab import paths, says
from lab.lab import Lab
from lab.netns import SUBNET
from lab.tftp import Atftpd
from lab.timeouts import BOOT, FIRMWARE

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
IPXE = Path("/usr/lib/ipxe/ipxe.efi")
SERVER = f"{SUBNET}.2"
NBPS = {"ours": (paths.SLIPWAY_EFI, says.GREETING), "ipxe": (IPXE, r"iPXE initialising devices")}


def ipxe_script(entry):
    """What automation.conf says, in iPXE's words, with the network configuration that slipway.efi would add."""
    words = dict(line.split(None, 1) for line in entry.splitlines() if " " in line and not line.startswith("#"))
    return ("#!ipxe\n"
            f"kernel {words['linux']} initrd={words['initrd']} {words['options']} "
            f"ip=${{ip}}:{SERVER}:${{gateway}}:${{netmask}}:::off:${{dns}} BOOTIF=01-${{mac:hexhyp}} "
            f"slipway.server={SERVER}\n"
            f"initrd {words['initrd']}\nboot\n")


def prepare(lab, tftp):
    """Lets the ProxyDHCP serve iPXE too; `tftp` names the TFTP server. Returns what has to be stopped besides the lab."""
    text = lab.pxe.config.read_text().replace("tag:!slipway,", "tag:!slipway,tag:!ipxe,")
    text += 'dhcp-userclass=set:ipxe,iPXE\npxe-service=tag:ipxe,X86-64_EFI,"Automation",boot.ipxe\n'
    if tftp != "dnsmasq":
        text = text.replace("\nenable-tftp\n", "\n")
    lab.pxe.config.write_text(text)
    (lab.tftp / "boot.ipxe").write_text(ipxe_script((lab.tftp / "automation.conf").read_text()))
    lab.start()
    return Atftpd(lab.server_netns, lab.directory, lab.tftp).start() if tftp == "atftpd" else None


def boot_once(lab, nbp, number):
    """Seconds from the first line of `nbp` to the check-in of a machine that was never seen before."""
    program, first_line = NBPS[nbp]
    shutil.copyfile(program, lab.tftp / "slipway.efi")
    mac = f"52:54:00:00:02:{number:02x}"
    machine = lab.machine(f"{nbp}{number}", mac).start()
    machine.expect(first_line, FIRMWARE)
    lab.slipwayd.wait_machine("new-" + mac.replace(":", ""), BOOT)
    arrived = time.monotonic()
    machine.stop()
    return arrived - machine.serial.times_of(first_line)[0]


def measure(tftp):
    """Prints each round with one TFTP server; returns the medians of both programs."""
    times = {nbp: [] for nbp in NBPS}
    with Lab(f"bench-{tftp}", capture=False) as lab:
        server = prepare(lab, tftp)
        for number in range(ROUNDS * len(NBPS)):
            nbp = list(NBPS)[number % len(NBPS)]
            seconds = boot_once(lab, nbp, number)
            times[nbp].append(seconds)
            print(f"  {tftp}, round {number // len(NBPS) + 1}: {nbp} {seconds:.2f} s", flush=True)
        if server:
            server.stop()
    return {nbp: statistics.median(values) for nbp, values in times.items()}


def main():
    results = {tftp: measure(tftp) for tftp in ("atftpd", "dnsmasq")}
    for tftp, median in results.items():
        name = "boot-uefi" if tftp == "dnsmasq" else f"boot-uefi-{tftp}"
        about = "no windowsize" if tftp == "dnsmasq" else "windowsize"
        print(f"TFTP server {tftp} ({about}), medians of {ROUNDS}:")
        print(f"ratio {name} {median['ours'] / median['ipxe']:.3f} "
              f"(ours {median['ours']:.2f} s, ipxe {median['ipxe']:.2f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
