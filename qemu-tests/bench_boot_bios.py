# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot benchmark on BIOS: from the moment that the PXE ROM has the boot program to the agent, which is /init: slipway.0
and PXELINUX in turn, behind the same ROM (iPXE's), with the same kernel, initramfs and servers. `make bench-boot
[BENCH_ROUNDS=3]`

PXELINUX says its first word on a serial port only after it has found its configuration, which is a good part of its time:
so both are timed from what the TFTP server says of them."""
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

from lab import paths, says
from lab.lab import Lab
from lab.slipwayd import Slipwayd
from lab.tftp import Atftpd
from lab.timeouts import BOOT, FIRMWARE

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PXELINUX = Path("/usr/lib/PXELINUX/pxelinux.0")
LDLINUX = Path("/usr/lib/syslinux/modules/bios/ldlinux.c32")
NBPS = {"ours": paths.SLIPWAY_0, "pxelinux": PXELINUX}
WITH_IP_AND_BOOTIF = 3  # sysappend: ip= and BOOTIF=, as slipway.0 writes them


def pxelinux_config(entry):
    """What automation.conf says, in PXELINUX's words."""
    words = dict(line.split(None, 1) for line in entry.splitlines() if " " in line and not line.startswith("#"))
    return (f"default automation\nlabel automation\nkernel {words['linux']}\ninitrd {words['initrd']}\n"
            f"append {words['options']}\nsysappend {WITH_IP_AND_BOOTIF}\n")


# Name of the result, TFTP server, and what that is called.
CONDITIONS = (("boot-bios", "dnsmasq", "dnsmasq's TFTP (no windowsize)"),
              ("boot-bios-windowsize", "atftpd", "atftpd (windowsize)"))


def prepare(lab, tftp):
    """Returns the TFTP server's log and what it says when it has sent, or begins to send, the boot program."""
    shutil.copyfile(LDLINUX, lab.tftp / LDLINUX.name)
    (lab.tftp / "pxelinux.cfg").mkdir()
    (lab.tftp / "pxelinux.cfg" / "default").write_text(pxelinux_config((lab.tftp / "automation.conf").read_text()))
    if tftp == "dnsmasq":
        lab.start()
        return None, lab.pxe.log, f"sent {lab.tftp / 'slipway.0'} to"
    lab.pxe.config.write_text(lab.pxe.config.read_text().replace("\nenable-tftp\n", "\n"))
    lab.start()
    server = Atftpd(lab.server_netns, lab.directory, lab.tftp).start()
    return server, server.log, "Serving slipway.0 to"


def boot_once(lab, nbp, number, log, sent):
    """Seconds from the download of `nbp` to the agent's first line."""
    shutil.copyfile(NBPS[nbp], lab.tftp / "slipway.0")
    mac = f"52:54:00:00:09:{number:02x}"
    before = log.read_text().count(sent)
    machine = lab.machine(f"{nbp}{number}", mac, bios=True).start()
    Slipwayd.wait(lambda: log.read_text().count(sent) > before, FIRMWARE, lambda: f"{nbp} to be loaded")
    loaded = time.monotonic()
    machine.expect(says.AUTOMATION, BOOT)
    machine.stop()
    return machine.serial.times_of(says.AUTOMATION)[0] - loaded


def measure(name, tftp):
    """Prints each round under one condition; returns the medians of both programs."""
    times = {nbp: [] for nbp in NBPS}
    with Lab(f"bench-{name}", capture=False) as lab:
        server, log, sent = prepare(lab, tftp)
        for number in range(ROUNDS * len(NBPS)):
            nbp = list(NBPS)[number % len(NBPS)]
            times[nbp].append(boot_once(lab, nbp, number, log, sent))
            print(f"  {name}, round {number // len(NBPS) + 1}: {nbp} {times[nbp][-1]:.2f} s", flush=True)
        if server:
            server.stop()
    return {nbp: statistics.median(values) for nbp, values in times.items()}


def main():
    results = [(name, about, measure(name, tftp)) for name, tftp, about in CONDITIONS]
    for name, about, median in results:
        print(f"{about}, medians of {ROUNDS}:")
        print(f"ratio {name} {median['ours'] / median['pxelinux']:.3f} "
              f"(ours {median['ours']:.2f} s, pxelinux {median['pxelinux']:.2f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
