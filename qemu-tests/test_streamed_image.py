# SPDX-License-Identifier: GPL-2.0-or-later
"""A qcow2 image on an ordinary web server becomes the system of the smallest machine, streamed, on a larger disk."""
import subprocess

import demo
from lab import nginx, paths
from lab.netns import SUBNET
from lab.report import Report
from lab.timeouts import IMAGING


def test_qcow2_from_a_web_server(lab):
    root = lab.directory / "web"
    root.mkdir()
    subprocess.run(["qemu-img", "convert", "-c", "-O", "qcow2", paths.DEBIAN_IMAGE, root / "debian.qcow2"], check=True)
    sums = subprocess.run(["sha256sum", "debian.qcow2"], cwd=root, check=True, capture_output=True, text=True).stdout
    (root / "SHA256SUMS").write_text(sums)
    lab.start()
    web = nginx.Nginx(lab.server_netns, lab.directory, root)
    web.start()
    try:
        lab.slipwayd.command("machine", "add", demo.MACS["pc-b"], "pc-b")
        lab.slipwayd.command("deploy", f"http://{SUBNET}.2:{nginx.PORT}/debian.qcow2", "pc-b")
        number = lab.slipwayd.newest_job("pc-b")["id"]
        machine = lab.machine("pc-b", demo.MACS["pc-b"], memory=256, disks=[lab.blank_disk("pc-b", 4 << 30)])
        machine.start()
        demo.finish_job(lab, Report(), number, "pc-b: deploy", IMAGING)
        demo.log_in(Report(), "pc-b", machine)
        demo.power_off(machine)
    finally:
        web.stop()
