# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are unpacked and not installed: their packages would start them on the network of the machine that runs the
tests, and some exclude each other. The libraries that they need come from deps/install-packages.sh.

    python3 -m lab.unpacked    downloads all of them
"""
import fcntl
import shutil
import subprocess

from . import paths

# Packages, and what each cannot do without.
PACKAGES = {"atftpd": (), "isc-dhcp-server": (), "kea-dhcp4-server": ("kea-common",), "nginx": (),
            "systemd-boot-efi": (), "tftpd-hpa": ()}


def unpack(package):
    """Downloads and unpacks a Debian package once, whoever asks first. Returns the folder that stands for its root."""
    target = paths.LAB / package
    paths.LAB.mkdir(parents=True, exist_ok=True)
    with open(paths.LAB / "unpacked.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            _unpack_into(target, (package, *PACKAGES[package]))
    return target


def _download(packages, folder):
    command = ["apt-get", "-qq", "download", "-o", "APT::Sandbox::User=root", *packages]
    if subprocess.run(command, cwd=folder).returncode:
        # A mirror has only the newest version, and apt's lists may be older.
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        subprocess.run(command, cwd=folder, check=True)


def _unpack_into(target, packages):
    work = target.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    _download(packages, work)
    for package in sorted(work.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, work], check=True)
        package.unlink()
    work.rename(target)


if __name__ == "__main__":
    for name in PACKAGES:
        unpack(name)
