# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the disk that pc-a is found with: a real Debian on GPT with an ESP, an ext4 root and a swap partition.

    python3 -m lab.debian_disk [IMAGE]

It is built once, with nothing but the mirror that the machine's apt uses, and kept under a key of this file's text.
The host kernel may have neither vfat nor a GPT parser, so every partition is made as a file of its own and put in place.
"""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import paths

MIB = 1 << 20
HOST_NAME = "golden"
MACHINE_ID = "90c1de0000000000000000000000901d"
PASSWORD = "slipway"
ESP_ID = "51A1-ED15"
ROOT_UUID = "5a11b0a7-0001-4000-8000-00000000d15c"
SWAP_UUID = "5a11b0a7-0002-4000-8000-00000000d15c"

DISK_SIZE = 3072 * MIB
# (start, size, GPT type, name); whole MiB, with a gap at the end for the backup table.
ESP = (1 * MIB, 64 * MIB, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "EFI System")
ROOT = (65 * MIB, 2942 * MIB, "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "root")
SWAP = (3007 * MIB, 64 * MIB, "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F", "swap")

PACKAGES = """linux-image-cloud-amd64 initramfs-tools grub-efi-amd64-bin systemd-sysv udev dbus openssh-server iproute2
              e2fsprogs fdisk procps less""".split()

GRUB_MODULES = """part_gpt fat ext2 search search_fs_uuid normal configfile linux echo test serial terminal
                  gzio all_video reboot halt""".split()

NETWORK = """[Match]
Name=en* eth*

[Network]
DHCP=ipv4
"""


def run(*command, **options):
    """Runs a command and stops at the first that fails."""
    subprocess.run([str(word) for word in command], check=True, **options)


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
    write("etc/fstab", f"UUID={ROOT_UUID} / ext4 errors=remount-ro 0 1\n"
                       f"UUID={ESP_ID} /boot/efi vfat umask=0077,nofail 0 2\nUUID={SWAP_UUID} none swap nofail 0 0\n")
    (tree / "boot/efi").mkdir(exist_ok=True)
    write("etc/systemd/network/80-dhcp.network", NETWORK)
    write("boot/grub/grub.cfg", f"set timeout=0\nsearch --no-floppy --fs-uuid --set=root {ROOT_UUID}\n"
                                f"linux /vmlinuz root=UUID={ROOT_UUID} ro quiet console=ttyS0,115200\n"
                                "initrd /initrd.img\nboot\n")
    run("chroot", tree, "systemctl", "--quiet", "enable", "systemd-networkd")
    run("chroot", tree, "chpasswd", input=f"root:{PASSWORD}\n".encode())
    for link in ("vmlinuz", "initrd.img"):
        if not (tree / link).exists():
            raise SystemExit(f"debian_disk: the kernel package made no /{link}")
    if not list((tree / "etc/ssh").glob("ssh_host_*_key")):
        raise SystemExit("debian_disk: the openssh-server package made no host keys")
    shutil.rmtree(tree / "var/cache/apt/archives", ignore_errors=True)


def make_loader(tree):
    """GRUB as one EFI file that looks for its configuration beside itself, as Debian's own does."""
    run("chroot", tree, "grub-mkimage", "-O", "x86_64-efi", "-o", "/tmp/grubx64.efi", "-p", "/EFI/debian",
        *GRUB_MODULES)
    (tree / "tmp/grub.cfg").write_text(f"search.fs_uuid {ROOT_UUID} root\nset prefix=($root)/boot/grub\n"
                                       "configfile $prefix/grub.cfg\n")


def make_esp(tree, image):
    run("truncate", "-s", ESP[1], image)
    run("mkfs.vfat", "-F", "32", "-n", "ESP", "-i", ESP_ID.replace("-", ""), image, stdout=subprocess.DEVNULL)
    run("mmd", "-i", image, "::EFI", "::EFI/debian", "::EFI/BOOT")
    run("mcopy", "-i", image, tree / "tmp/grubx64.efi", "::EFI/debian/grubx64.efi")
    run("mcopy", "-i", image, tree / "tmp/grubx64.efi", "::EFI/BOOT/BOOTX64.EFI")
    run("mcopy", "-i", image, tree / "tmp/grub.cfg", "::EFI/debian/grub.cfg")
    for name in ("grubx64.efi", "grub.cfg"):
        (tree / "tmp" / name).unlink()


def make_disk(esp, root, swap, image):
    """Puts the partitions in their places; holes stay holes."""
    run("truncate", "-s", DISK_SIZE, image)
    lines = ["label: gpt", "unit: sectors"]
    for start, size, kind, name in (ESP, ROOT, SWAP):
        lines.append(f"start={start // 512}, size={size // 512}, type={kind}, name=\"{name}\"")
    run("sfdisk", "--quiet", image, input="\n".join(lines).encode() + b"\n")
    for part, source in ((ESP, esp), (ROOT, root), (SWAP, swap)):
        run("dd", f"if={source}", f"of={image}", "bs=1M", f"seek={part[0] // MIB}", "conv=notrunc,sparse",
            "status=none")


def build(image):
    work = image.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    tree, esp, root, swap, disk = (work / name for name in ("tree", "esp", "root", "swap", "disk"))
    bootstrap(tree, image.parent / "debootstrap-cache")
    configure(tree)
    make_loader(tree)
    make_esp(tree, esp)
    run("umount", "-R", tree / "proc", stderr=subprocess.DEVNULL) if os.path.ismount(tree / "proc") else None
    run("mkfs.ext4", "-q", "-L", "root", "-U", ROOT_UUID, "-d", tree, root, f"{ROOT[1] // 1024}k")
    run("truncate", "-s", SWAP[1], swap)
    run("mkswap", "--quiet", "-U", SWAP_UUID, swap)
    make_disk(esp, root, swap, disk)
    disk.rename(image)
    shutil.rmtree(work)


def ensure(image=paths.DEBIAN_IMAGE):
    """Builds `image` unless it is there already, made by this very text of the module."""
    stamp = image.with_suffix(".key")
    key = hashlib.sha256(Path(__file__).read_bytes()).hexdigest() + "\n"
    if image.exists() and stamp.exists() and stamp.read_text() == key:
        return image
    stamp.unlink(missing_ok=True)
    build(image)
    stamp.write_text(key)
    return image


def main():
    if os.environ.get("SLIPWAY_OWN_MOUNTS") != "1":
        # Mounts that debootstrap makes vanish with the mount namespace, whatever happens.
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "lab.debian_disk"]
        os.execvpe("unshare", command + sys.argv[1:], dict(os.environ, SLIPWAY_OWN_MOUNTS="1"))
    ensure(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else paths.DEBIAN_IMAGE)


if __name__ == "__main__":
    main()
