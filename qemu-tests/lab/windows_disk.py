# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk with an NTFS volume that has what a Windows has where Slipway looks."""
import subprocess

from . import hive, small_disk

BASIC_DATA_TYPE = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
MIB = 1 << 20
CURRENT = "ControlSet002"
SYSTEM = {
    "Select": ['"Current"=dword:00000002'],
    "Setup": ['"SystemSetupInProgress"=dword:00000000'],
    rf"{CURRENT}\Control\ComputerName\ComputerName": ['"ComputerName"="SOURCE"'],
    rf"{CURRENT}\Control\Session Manager\Environment": ['"PROCESSOR_ARCHITECTURE"="AMD64"'],
    rf"{CURRENT}\Services\Tcpip\Parameters": ['"Hostname"="source"', '"NV Hostname"="source"'],
}


def _software(state):
    return {
        r"Microsoft\Windows NT\CurrentVersion": [
            '"ProductName"="Windows 10 Pro"', '"EditionID"="Professional"', '"CurrentBuild"="19045"',
            '"CurrentMajorVersionNumber"=dword:0000000a', '"CurrentMinorVersionNumber"=dword:00000000'],
        r"Microsoft\Windows\CurrentVersion\Setup\State": [f'"ImageState"="{state}"'],
    }


def build(disk, work, sysprepped):
    """One partition of 40 MiB on a disk of 64 MiB."""
    work.mkdir()
    hive.make(work / "SYSTEM", SYSTEM)
    hive.make(work / "SOFTWARE", _software("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE" if sysprepped else "IMAGE_STATE_COMPLETE"))
    (work / "mnt").mkdir()
    subprocess.run(["unshare", "--mount", "sh", "-ec",
                    "truncate -s 40M volume; mkntfs -F -Q -q volume > log 2>&1; ntfs-3g -o no_detach volume mnt & pid=$!; "
                    "for i in $(seq 500); do mountpoint -q mnt && break; sleep 0.02; done; mountpoint -q mnt; "
                    "mkdir -p mnt/Windows/System32/config mnt/Windows/Panther; cp SYSTEM SOFTWARE mnt/Windows/System32/config/; "
                    "umount mnt; wait $pid"], check=True, cwd=work)
    return small_disk.assemble(disk, 64 * MIB, [(work / "volume", BASIC_DATA_TYPE, "Basic data partition")])


def read(volume, path):
    """A file of an NTFS volume, as another program finds it."""
    return subprocess.run(["ntfscat", "-f", volume, path], check=True, capture_output=True).stdout
