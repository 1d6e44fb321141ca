# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are unpacked and not installed: their packages would start them on the network of the machine that runs the
tests, and some exclude each other. The libraries that they need come from deps/install-packages.sh."""
import fcntl
import shutil
import subprocess

from . import paths


def unpack(*packages):
    """Downloads and unpacks Debian packages once, whoever asks first. Returns the folder that stands for their root."""
    target = paths.LAB / packages[0]
    with open(paths.LAB / "unpacked.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            _unpack_into(target, packages)
    return target


def _unpack_into(target, packages):
    work = target.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    subprocess.run(["apt-get", "-qq", "download", "-o", "APT::Sandbox::User=root", *packages], cwd=work, check=True)
    for package in sorted(work.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, work], check=True)
        package.unlink()
    work.rename(target)
