# SPDX-License-Identifier: GPL-2.0-or-later
"""LVM2 physical volumes made by lvm itself, on a host whose kernel may have no device mapper: logical volumes are put
together in files and copied to where lvm says that they lie."""
import os
import subprocess

from .debian_loader import run

MIB = 1 << 20
EXTENT = 4 * MIB
CONFIG = """devices {{ use_devicesfile=0 filter=["a|^{loop}$|", "r|.*|"] }}
activation {{ udev_sync=0 udev_rules=0 }}
global {{ locking_dir="{folder}" event_activation=0 }}
backup {{ backup=0 archive=0 }}
"""


def physical_volume(image, size, group, volumes, work):
    """Makes `image` one of `size` bytes that holds all of `group`: `volumes` maps the logical volumes' names to files,
    whose sizes are multiples of EXTENT."""
    run("truncate", "-s", size, image)
    loop = subprocess.run(["losetup", "--show", "-f", image], check=True, capture_output=True, text=True).stdout.strip()
    folder = work / "lvm"
    folder.mkdir()
    (folder / "lvm.conf").write_text(CONFIG.format(loop=loop, folder=folder))

    def lvm(*words):
        return subprocess.run(["lvm", *words, "--driverloaded", "n"], check=True, capture_output=True, text=True,
                              env=dict(os.environ, LVM_SYSTEM_DIR=str(folder), LVM_SUPPRESS_FD_WARNINGS="1")).stdout

    try:
        lvm("pvcreate", "-y", loop)
        lvm("vgcreate", "-y", group, loop)
        for name, file in volumes.items():
            extents = os.path.getsize(file) // EXTENT
            lvm("lvcreate", "-y", "-an", "-Zn", "-Wn", "-l", str(extents), "-n", name, group)
        places = lvm("lvs", "--noheadings", "--units", "b", "--nosuffix", "-o", "lv_name,seg_start_pe,seg_pe_ranges", group)
        head = int(lvm("pvs", "--noheadings", "--units", "b", "--nosuffix", "-o", "pe_start", loop))
    finally:
        run("losetup", "-d", loop)
    for line in places.splitlines():
        name, at, there = line.split()
        if at != "0":
            raise SystemExit(f"lvm: {name} is in several pieces")
        start = head + int(there.rsplit(":", 1)[1].split("-")[0]) * EXTENT
        run("dd", f"if={volumes[name]}", f"of={image}", "bs=1M", f"seek={start // MIB}", "conv=notrunc,sparse",
            "status=none")
