# SPDX-License-Identifier: GPL-2.0-or-later
"""Small GPT disks for scenarios that need no whole operating system."""
import os
import random
import subprocess

MIB = 1 << 20
ESP_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
LINUX_TYPE = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options)


def fat(image, size, files):
    """A FAT file system of `size` bytes; `files` maps paths in it to files here."""
    run("truncate", "-s", size, image)
    run("mkfs.vfat", *(["-F", "32", "-s", "1"] if size >= 64 * MIB else []), "-n", "ESP", image)
    for path, source in files.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            subprocess.run(["mmd", "-D", "s", "-i", image, "::" + "/".join(parts[:depth])], check=False,
                           capture_output=True)
        run("mcopy", "-i", image, source, "::" + path)


def ext4(image, size, tree):
    run("truncate", "-s", size, image)
    run("mkfs.ext4", "-q", "-L", "data", "-d", tree, image)


def assemble(disk, size, partitions):
    """Writes a GPT disk: `partitions` are (image file, GPT type, name), one after another from 1 MiB on."""
    start, lines = MIB, ["label: gpt", "unit: sectors"]
    run("truncate", "-s", size, disk)
    places = []
    for image, kind, name in partitions:
        length = os.path.getsize(image)
        lines.append(f"start={start // 512}, size={length // 512}, type={kind}, name=\"{name}\"")
        places.append((image, start))
        start += -(-length // MIB) * MIB
    run("sfdisk", "--quiet", disk, input="\n".join(lines).encode() + b"\n")
    for image, at in places:
        run("dd", f"if={image}", f"of={disk}", "bs=1M", f"seek={at // MIB}", "conv=notrunc,sparse", "status=none")
    return disk


def data_tree(tree, seed, size):
    """A folder that looks like a Linux root, with `size` bytes of files that do not compress."""
    source = random.Random(seed)
    for path, text in (("etc/hostname", "small\n"), ("etc/machine-id", "0" * 31 + "1\n"),
                       ("etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tsmall\n"), ("etc/os-release", "ID=test\n")):
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    (tree / "data").mkdir()
    for number in range(8):
        (tree / "data" / str(number)).write_bytes(source.randbytes(size // 8))
    return tree


def build(disk, work, data=24 * MIB, size=256 * MIB):
    """ESP (FAT), an ext4 root with `data` bytes of files, and a partition that nobody knows."""
    work.mkdir(parents=True, exist_ok=True)
    tree = data_tree(work / "tree", 1, data)
    readme = work / "readme"
    readme.write_text("an ESP\n")
    fat(work / "esp", 34 * MIB, {"EFI/BOOT/README": readme})
    ext4(work / "root", data + 64 * MIB, tree)
    (work / "raw").write_bytes(random.Random(2).randbytes(3 * MIB + 512 * 7))
    return assemble(disk, size, [(work / "esp", ESP_TYPE, "EFI System"), (work / "root", LINUX_TYPE, "root"),
                                 (work / "raw", LINUX_TYPE, "unknown")])


def boot_disk(disk, work, files):
    """A disk with nothing but an ESP; `files` maps paths in it to files here."""
    work.mkdir(parents=True, exist_ok=True)
    fat(work / "esp", 66 * MIB, files)
    return assemble(disk, 70 * MIB, [(work / "esp", ESP_TYPE, "EFI System")])
