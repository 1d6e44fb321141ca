# SPDX-License-Identifier: GPL-2.0-or-later
"""GRUB for the Debian disks: on an ESP, in the gap behind an MBR, and in a BIOS boot partition. The last two are put in
place as grub-install does it, without a device that the host kernel would have to know."""
import shutil
import struct
import subprocess

SECTOR = 512
BOOT_CODE = 440  # bytes of an MBR before the disk's signature
KERNEL_SECTOR = 0x5C  # in boot.img: where core.img begins
BLOCK_LIST = SECTOR - 12  # in the first sector of core.img: where its second one is

EFI_MODULES = """part_gpt fat ext2 search search_fs_uuid normal configfile linux echo test serial terminal gzio all_video
                 reboot halt""".split()
BIOS_MODULES = "biosdisk part_gpt part_msdos ext2".split()


def run(*command, **options):
    """Runs a command and stops at the first that fails."""
    subprocess.run([str(word) for word in command], check=True, **options)


def write_config(grub, uuid, kernel, initrd, root):
    """grub.cfg in the folder `grub`: kernel and initramfs lie in the file system with that UUID."""
    grub.mkdir(parents=True, exist_ok=True)
    (grub / "grub.cfg").write_text(f"set timeout=0\nsearch --no-floppy --fs-uuid --set=root {uuid}\n"
                                   f"linux {kernel} root={root} ro quiet console=ttyS0,115200\n"
                                   f"initrd {initrd}\nboot\n")


def configure(tree, root_uuid):
    """What GRUB reads from the root file system: its configuration, and for BIOS its modules."""
    grub = tree / "boot/grub"
    write_config(grub, root_uuid, "/vmlinuz", "/initrd.img", f"UUID={root_uuid}")
    shutil.copytree(tree / "usr/lib/grub/i386-pc", grub / "i386-pc", ignore=shutil.ignore_patterns("*.img"))


def make_esp(tree, work, image, size, volume_id, uuid, grub="/boot/grub"):
    """A FAT file system with GRUB as one EFI file that looks for its configuration beside itself, as Debian's own does:
    it leads to `grub` in the file system with that UUID."""
    run("chroot", tree, "grub-mkimage", "-O", "x86_64-efi", "-o", "/tmp/grubx64.efi", "-p", "/EFI/debian", *EFI_MODULES)
    loader, config = (tree / "tmp/grubx64.efi").rename(work / "grubx64.efi"), work / "grub.cfg"
    config.write_text(f"search.fs_uuid {uuid} root\nset prefix=($root){grub}\nconfigfile $prefix/grub.cfg\n")
    run("truncate", "-s", size, image)
    run("mkfs.vfat", "-F", "32", "-n", "ESP", "-i", volume_id.replace("-", ""), image, stdout=subprocess.DEVNULL)
    run("mmd", "-i", image, "::EFI", "::EFI/debian", "::EFI/BOOT")
    for file, path in ((loader, "debian/grubx64.efi"), (loader, "BOOT/BOOTX64.EFI"), (config, "debian/grub.cfg")):
        run("mcopy", "-i", image, file, f"::EFI/{path}")


def make_core(tree, root_partition):
    """boot.img and core.img for BIOS; core.img finds the rest in `root_partition` ("msdos1") of the disk it comes from."""
    run("chroot", tree, "grub-mkimage", "-O", "i386-pc", "-o", "/tmp/core.img", "-p", f"(,{root_partition})/boot/grub",
        *BIOS_MODULES)
    core = tree / "tmp/core.img"
    images = (tree / "usr/lib/grub/i386-pc/boot.img").read_bytes(), core.read_bytes()
    core.unlink()
    return images


def embed(disk, images, start, end):
    """Writes boot.img into the disk's first sector and core.img into the bytes from `start` to `end`."""
    boot, core = map(bytearray, images)
    if len(core) > end - start:
        raise SystemExit(f"debian_disk: GRUB's core.img has {len(core)} bytes, there are {end - start} for it")
    struct.pack_into("<Q", boot, KERNEL_SECTOR, start // SECTOR)
    struct.pack_into("<Q", core, BLOCK_LIST, start // SECTOR + 1)
    with open(disk, "r+b") as file:
        file.write(boot[:BOOT_CODE])
        file.seek(start)
        file.write(core)
