# SPDX-License-Identifier: GPL-2.0-or-later
"""From the boot program's first line to the agent's check-in: slipway.efi and iPXE in turn, in one lab, with the same
kernel, initramfs, DHCP, ProxyDHCP and TFTP servers. `make bench-boot [BENCH_ROUNDS=3]`

iPXE is Debian's ipxe.efi, started by the firmware as slipway.efi is; its script comes by ProxyDHCP. It waits long for an
IPv6 router where there is none, so the last measurement has one. The kernel's own part, about 4 s under emulation (2.5 s of
them for unpacking itself), is in both figures."""
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

from lab import dnsmasq, paths, says
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


# Name of the result, TFTP server, whether there is an IPv6 router, and what that is called. The first is a network as most
# labs are; the others take away, one after the other, what costs slipway.efi (lockstep) and iPXE (waiting) the most.
CONDITIONS = (("boot-uefi", "dnsmasq", False, "dnsmasq's TFTP (no windowsize), no IPv6 router"),
              ("boot-uefi-windowsize", "atftpd", False, "atftpd (windowsize), no IPv6 router"),
              ("boot-uefi-windowsize-router", "atftpd", True, "atftpd (windowsize), an IPv6 router announces itself"))


def prepare(lab, tftp, router=True):
    """Lets the ProxyDHCP serve iPXE too; `tftp` names the TFTP server. Returns what has to be stopped besides the lab."""
    if not router:
        lines = lab.dhcp.config.read_text().splitlines(keepends=True)
        lab.dhcp.config.write_text("".join(line for line in lines if line.strip() not in dnsmasq.ROUTER))
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


def measure(name, tftp, router):
    """Prints each round under one condition; returns the medians of both programs."""
    times = {nbp: [] for nbp in NBPS}
    with Lab(f"bench-{name}", capture=False) as lab:
        server = prepare(lab, tftp, router)
        for number in range(ROUNDS * len(NBPS)):
            nbp = list(NBPS)[number % len(NBPS)]
            seconds = boot_once(lab, nbp, number)
            times[nbp].append(seconds)
            print(f"  {name}, round {number // len(NBPS) + 1}: {nbp} {seconds:.2f} s", flush=True)
        if server:
            server.stop()
    return {nbp: statistics.median(values) for nbp, values in times.items()}


def main():
    results = [(name, about, measure(name, tftp, router)) for name, tftp, router, about in CONDITIONS]
    for name, about, median in results:
        print(f"{about}, medians of {ROUNDS}:")
        print(f"ratio {name} {median['ours'] / median['ipxe']:.3f} "
              f"(ours {median['ours']:.2f} s, ipxe {median['ipxe']:.2f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
