# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the disks that machines are found with: one real Debian, for each kind of firmware and partition table.

    python3 -m lab.debian_disk [IMAGE]

    IMAGE       UEFI, GPT: ESP, root, swap
    -bios-mbr   BIOS, MBR as Debian's installer makes it: root, and swap and /home in an extended partition
    -bios-gpt   BIOS, GPT: BIOS boot partition, root, swap
    -lvm        UEFI, GPT as Debian's installer makes it with LVM: ESP, /boot, and root and swap as logical volumes

All but the first lie beside IMAGE. cloud-init is installed and disabled on all of them; enable_cloud_init() makes a disk on which
it works. All are built once, with nothing but the mirror that the machine's apt uses, and kept under a key of the text that
builds them. The host kernel may have neither vfat nor a GPT parser, so every partition is made as a file of its own and put
in place.
"""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian_loader, lvm, paths
from .debian_loader import run

MIB = 1 << 20
HOST_NAME = "golden"
MACHINE_ID = "90c1de0000000000000000000000901d"
PASSWORD = "slipway"
ESP_ID = "51A1-ED15"
ROOT_UUID = "5a11b0a7-0001-4000-8000-00000000d15c"
SWAP_UUID = "5a11b0a7-0002-4000-8000-00000000d15c"
HOME_UUID = "5a11b0a7-0003-4000-8000-00000000d15c"
LVM_ROOT_UUID = "5a11b0a7-0004-4000-8000-00000000d15c"
LVM_BOOT_UUID = "5a11b0a7-0005-4000-8000-00000000d15c"
LVM_GROUP, LVM_ROOT, LVM_SWAP = "golden-vg", "/dev/mapper/golden--vg-root", "/dev/mapper/golden--vg-swap_1"
HOME_NOTE = "from the home of golden"

ESP_SIZE, ROOT_SIZE, SWAP_SIZE, HOME_SIZE = 64 * MIB, 2942 * MIB, 64 * MIB, 256 * MIB
LVM_ROOT_START, LVM_ROOT_SIZE, LVM_BOOT_SIZE = MIB, 2944 * MIB, 192 * MIB  # volumes have whole extents of 4 MiB
UEFI_ROOT, BIOS_GPT_ROOT = MIB + ESP_SIZE, 2 * MIB  # where the root file system begins
ROOT_TYPE, SWAP_TYPE = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
ESP_TYPE, BIOS_BOOT_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "21686148-6449-6E6F-744E-656564454649"
LINUX_TYPE, LVM_TYPE = "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "E6D6D379-F507-44C2-A23C-238F2A3DF928"

PACKAGES = """linux-image-cloud-amd64 initramfs-tools grub-efi-amd64-bin grub-pc-bin systemd-sysv udev dbus openssh-server
              iproute2 e2fsprogs fdisk lvm2 procps less cloud-init python3-cffi-backend""".split()
CLOUD_DISABLED = "etc/cloud/cloud-init.disabled"

FSTAB = f"UUID={ROOT_UUID} / ext4 errors=remount-ro 0 1\nUUID={SWAP_UUID} none swap nofail 0 0\n"
FSTAB_ESP = f"UUID={ESP_ID} /boot/efi vfat umask=0077,nofail 0 2\n"
FSTAB_LVM = (f"{LVM_ROOT} / ext4 errors=remount-ro 0 1\nUUID={LVM_BOOT_UUID} /boot ext2 defaults 0 2\n"
             f"{LVM_SWAP} none swap sw 0 0\n")
FSTAB_HOME = f"UUID={HOME_UUID} /home ext4 defaults 0 2\n"

NETWORK = """[Match]
Name=en* eth*

[Network]
DHCP=ipv4
"""


def apt_mirror():
    """The mirror and the release that the machine's apt is configured with."""
    text = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(CODENAME)|$(COMPONENT)",
                           "Created-By: Packages"], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        origin, uri, codename, component = line.split("|")
        if origin == "Debian" and component == "main" and "-" not in codename:
            return uri, codename
    raise SystemExit("debian_disk: apt is configured with no Debian mirror (apt-get indextargets names none)")


def bootstrap(tree, cache):
    """A minimal Debian with a kernel; downloaded packages stay in `cache`."""
    mirror, codename = apt_mirror()
    cache.mkdir(parents=True, exist_ok=True)
    run("debootstrap", "--variant=minbase", f"--cache-dir={cache}", f"--include={','.join(PACKAGES)}", codename, tree,
        mirror, env=dict(os.environ, LC_ALL="C.UTF-8", DEBIAN_FRONTEND="noninteractive"))


def configure(tree):
    """Makes of the bootstrapped tree a machine of its own: name, identity, file systems, network, console, loader."""
    def write(path, text):
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    write("etc/hostname", f"{HOST_NAME}\n")
    write("etc/hosts", f"127.0.0.1\tlocalhost\n127.0.1.1\t{HOST_NAME}\n::1\tlocalhost\n")
    write("etc/machine-id", f"{MACHINE_ID}\n")
    write("etc/fstab", FSTAB + FSTAB_ESP)
    (tree / "boot/efi").mkdir(exist_ok=True)
    write("etc/systemd/network/80-dhcp.network", NETWORK)
    write(CLOUD_DISABLED, "")
    debian_loader.configure(tree, ROOT_UUID)
    run("chroot", tree, "systemctl", "--quiet", "enable", "systemd-networkd")
    run("chroot", tree, "chpasswd", input=f"root:{PASSWORD}\n".encode())
    for link in ("vmlinuz", "initrd.img"):
        if not (tree / link).exists():
            raise SystemExit(f"debian_disk: the kernel package made no /{link}")
    if not list((tree / "etc/ssh").glob("ssh_host_*_key")):
        raise SystemExit("debian_disk: the openssh-server package made no host keys")
    shutil.rmtree(tree / "var/cache/apt/archives", ignore_errors=True)


def make_file_systems(tree, work):
    """root, swap and home, once for all disks."""
    root, swap, home, home_tree = (work / name for name in ("root", "swap", "home", "home-tree"))
    run("mkfs.ext4", "-q", "-L", "root", "-U", ROOT_UUID, "-d", tree, root, f"{ROOT_SIZE // 1024}k")
    run("truncate", "-s", SWAP_SIZE, swap)
    run("mkswap", "--quiet", "-U", SWAP_UUID, swap)
    home_tree.mkdir()
    (home_tree / "note").write_text(HOME_NOTE + "\n")
    run("mkfs.ext4", "-q", "-L", "home", "-U", HOME_UUID, "-d", home_tree, home, f"{HOME_SIZE // 1024}k")


def set_fstab(work, text):
    """Replaces /etc/fstab of the root file system."""
    (work / "fstab").write_text(text)
    for command in ("rm /etc/fstab", f"write {work / 'fstab'} /etc/fstab"):
        run("debugfs", "-w", "-R", command, work / "root", stderr=subprocess.DEVNULL)
    found = subprocess.run(["debugfs", "-R", "cat /etc/fstab", work / "root"], check=True, capture_output=True, text=True)
    if found.stdout != text:
        raise SystemExit("debian_disk: debugfs did not replace /etc/fstab")


def assemble(disk, size, label, partitions, work):
    """Writes a disk: `partitions` are (number, start, size, type, more for sfdisk, file in `work`). Holes stay holes."""
    run("truncate", "-s", size, disk)
    lines = [f"label: {label}", "unit: sectors"]
    lines += [f"{disk}{number} : start={start // 512}, size={length // 512}, type={kind}{more}"
              for number, start, length, kind, more, _ in partitions]
    run("sfdisk", "--quiet", disk, input="\n".join(lines).encode() + b"\n")
    for _, start, _, _, _, file in partitions:
        if file:
            run("dd", f"if={work / file}", f"of={disk}", "bs=1M", f"seek={start // MIB}", "conv=notrunc,sparse",
                "status=none")
    return disk


def make_uefi(tree, work):
    debian_loader.make_esp(tree, work, work / "esp", ESP_SIZE, ESP_ID, ROOT_UUID)
    root = UEFI_ROOT
    swap = root + ROOT_SIZE
    return assemble(work / "uefi", swap + SWAP_SIZE + MIB, "gpt", [
        (1, MIB, ESP_SIZE, ESP_TYPE, ', name="EFI System"', "esp"),
        (2, root, ROOT_SIZE, ROOT_TYPE, ', name="root"', "root"),
        (3, swap, SWAP_SIZE, SWAP_TYPE, ', name="swap"', "swap")], work)


def make_bios_mbr(tree, work):
    set_fstab(work, FSTAB + FSTAB_HOME)
    extended = MIB + ROOT_SIZE
    swap = extended + MIB
    home = swap + SWAP_SIZE + MIB
    end = home + HOME_SIZE
    disk = assemble(work / "bios-mbr", end + 7 * MIB, "dos", [
        (1, MIB, ROOT_SIZE, "83", ", bootable", "root"), (2, extended, end - extended, "5", "", None),
        (5, swap, SWAP_SIZE, "82", "", "swap"), (6, home, HOME_SIZE, "83", "", "home")], work)
    debian_loader.embed(disk, debian_loader.make_core(tree, "msdos1"), debian_loader.SECTOR, MIB)
    return disk


def make_bios_gpt(tree, work):
    set_fstab(work, FSTAB)
    root = BIOS_GPT_ROOT
    swap = root + ROOT_SIZE
    disk = assemble(work / "bios-gpt", swap + SWAP_SIZE + MIB, "gpt", [
        (1, MIB, MIB, BIOS_BOOT_TYPE, ', name="BIOS boot"', None), (2, root, ROOT_SIZE, ROOT_TYPE, ', name="root"', "root"),
        (3, swap, SWAP_SIZE, SWAP_TYPE, ', name="swap"', "swap")], work)
    debian_loader.embed(disk, debian_loader.make_core(tree, "gpt2"), MIB, 2 * MIB)
    return disk


def make_lvm(tree, work):
    """The last one: the tree loses its /boot."""
    boot = (tree / "boot").rename(work / "boot-tree")
    (tree / "boot/efi").mkdir(parents=True)
    (tree / "etc/fstab").write_text(FSTAB_LVM + FSTAB_ESP)
    kernel, initrd = ("/" + os.path.basename(os.readlink(tree / link)) for link in ("vmlinuz", "initrd.img"))
    debian_loader.write_config(boot / "grub", LVM_BOOT_UUID, kernel, initrd, LVM_ROOT)
    debian_loader.make_esp(tree, work, work / "lvm-esp", ESP_SIZE, ESP_ID, LVM_BOOT_UUID, "/grub")
    run("mkfs.ext4", "-q", "-U", LVM_ROOT_UUID, "-d", tree, work / "lvm-root", f"{LVM_ROOT_SIZE // 1024}k")
    run("mkfs.ext2", "-q", "-U", LVM_BOOT_UUID, "-d", boot, work / "lvm-boot", f"{LVM_BOOT_SIZE // 1024}k")
    size = MIB + LVM_ROOT_SIZE + SWAP_SIZE + lvm.EXTENT
    lvm.physical_volume(work / "lvm-volume", size, LVM_GROUP, {"root": work / "lvm-root", "swap_1": work / "swap"}, work)
    start = MIB + ESP_SIZE
    return assemble(work / "lvm-disk", start + LVM_BOOT_SIZE + size + MIB, "gpt", [
        (1, MIB, ESP_SIZE, ESP_TYPE, "", "lvm-esp"), (2, start, LVM_BOOT_SIZE, LINUX_TYPE, "", "lvm-boot"),
        (3, start + LVM_BOOT_SIZE, size, LVM_TYPE, "", "lvm-volume")], work)


MAKERS = {"": make_uefi, "-bios-mbr": make_bios_mbr, "-bios-gpt": make_bios_gpt, "-lvm": make_lvm}


def beside(image, variant):
    return image.with_stem(image.stem + variant)


def build(image):
    work = image.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    tree = work / "tree"
    bootstrap(tree, image.parent / "debootstrap-cache")
    configure(tree)
    run("umount", "-R", tree / "proc", stderr=subprocess.DEVNULL) if os.path.ismount(tree / "proc") else None
    make_file_systems(tree, work)
    for variant, make in MAKERS.items():
        make(tree, work).rename(beside(image, variant))
    shutil.rmtree(work)


def enable_cloud_init(disk, root):
    """On a copy of a disk; `root` is where its root file system begins, in bytes."""
    volume = f"{disk}?offset={root}"
    run("debugfs", "-w", "-R", f"rm /{CLOUD_DISABLED}", volume, stderr=subprocess.DEVNULL)
    left = subprocess.run(["debugfs", "-R", f"stat /{CLOUD_DISABLED}", volume], capture_output=True, text=True).stdout
    if left:
        raise SystemExit("debian_disk: debugfs did not enable cloud-init")


def key():
    """Of the text that builds the disks."""
    texts = (Path(module).read_bytes() for module in (__file__, debian_loader.__file__, lvm.__file__))
    return hashlib.sha256(b"".join(texts)).hexdigest() + "\n"


def ensure(image=paths.DEBIAN_IMAGE):
    """Builds `image` and the disks beside it unless they are there already, made by this very text."""
    stamp = image.with_suffix(".key")
    if all(beside(image, v).exists() for v in MAKERS) and stamp.exists() and stamp.read_text() == key():
        return
    stamp.unlink(missing_ok=True)
    build(image)
    stamp.write_text(key())


def main():
    if os.environ.get("SLIPWAY_OWN_MOUNTS") != "1":
        # Mounts that debootstrap makes vanish with the mount namespace, whatever happens.
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "lab.debian_disk"]
        os.execvpe("unshare", command + sys.argv[1:], dict(os.environ, SLIPWAY_OWN_MOUNTS="1"))
    ensure(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else paths.DEBIAN_IMAGE)


if __name__ == "__main__":
    main()
