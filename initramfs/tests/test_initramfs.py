# SPDX-License-Identifier: GPL-2.0-or-later
"""The initramfs as it was built: what is in it, what it weighs, and that building it again gives the same bytes."""

import os
import shutil
import stat
import subprocess
import sys

import pytest

import cpio
import modules

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD_SCRIPT = os.path.join(os.path.dirname(HERE), "build")
MODULES_LIST = os.path.join(os.path.dirname(HERE), "modules.list")
LIMIT = 20 << 20

# The devices that QEMU and most hypervisors offer, by the modalias that the kernel gives them.
DEVICES = {
    "virtio-net-pci (modern)": ("pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00", "virtio_pci"),
    "virtio-net-pci (transitional)": ("pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00", "virtio_pci"),
    "virtio-net": ("virtio:d00000001v00001AF4", "virtio_net"),
    "virtio-blk": ("virtio:d00000002v00001AF4", "virtio_blk"),
    "virtio-scsi": ("virtio:d00000008v00001AF4", "virtio_scsi"),
    "virtio-rng": ("virtio:d00000004v00001AF4", "virtio_rng"),
    "e1000": ("pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00", "e1000"),
    "e1000e": ("pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00", "e1000e"),
    "igb": ("pci:v00008086d000010C9sv00008086sd0000A03Cbc02sc00i00", "igb"),
    "rtl8139": ("pci:v000010ECd00008139sv00001AF4sd00001100bc02sc00i00", "8139cp"),
    "pcnet": ("pci:v00001022d00002000sv00001AF4sd00001100bc02sc00i00", "pcnet32"),
    "vmxnet3": ("pci:v000015ADd000007B0sv000015ADsd000007B0bc02sc00i00", "vmxnet3"),
    "nvme": ("pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02", "nvme"),
    "ahci (ich9)": ("pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", "ahci"),
    "ide (piix3)": ("pci:v00008086d00007010sv00001AF4sd00001100bc01sc01i80", "ata_piix"),
    "megasas": ("pci:v00001000d00000060sv00001000sd00001013bc01sc04i00", "megaraid_sas"),
    "mptsas1068": ("pci:v00001000d00000054sv00001000sd00008000bc01sc00i00", "mptsas"),
    "pvscsi": ("pci:v000015ADd000007C0sv000015ADsd000007C0bc01sc00i00", "vmw_pvscsi"),
    "qemu-xhci": ("pci:v00001B36d0000000Dsv00001AF4sd00001100bc0Csc03i30", "xhci_pci"),
    "usb-storage": ("usb:v46F4p0001d0000dc00dsc00dp00ic08isc06ip50in00", "usb_storage"),
    "sdhci-pci": ("pci:v00001B36d00000007sv00001AF4sd00001100bc08sc05i01", "sdhci_pci"),
    "SCSI disk": ("scsi:t-0x00", "sd_mod"),
    "ext4": ("fs-ext4", "ext4"),
    "vfat": ("fs-vfat", "vfat"),
    "crc32c": ("crypto-crc32c", "crc32c_generic"),
}


@pytest.fixture(scope="module")
def image(built):
    with open(os.path.join(built, "initramfs.zst"), "rb") as file:
        return file.read()


def unpack(image):
    """Both archives: {name: (mode, contents)}."""
    second = image.index(b"070701")
    while True:  # bytes of the compressed part may look like an archive's magic
        try:
            found = list(cpio.entries(image[second:]))
            break
        except ValueError:
            second = image.index(b"070701", second + 1)
    first = subprocess.run(["zstd", "-dcq"], input=image[:second].rstrip(b"\0"), stdout=subprocess.PIPE, check=False)
    entries = {}
    for name, mode, contents in [*cpio.entries(first.stdout), *found]:
        assert name not in entries or stat.S_ISDIR(mode), f"{name} is there twice"
        entries[name] = (mode, contents)
    return entries


@pytest.fixture(scope="module")
def entries(image):
    return unpack(image)


@pytest.fixture(scope="module")
def release(entries):
    return next(name.split("/")[2] for name in entries if name.endswith("/modules.dep"))


@pytest.fixture(scope="module")
def packed_tree(entries, release, tmp_path_factory):
    """The indexes that the agent will read."""
    folder = tmp_path_factory.mktemp("indexes")
    for index in ("modules.dep", "modules.alias", "modules.softdep", "modules.builtin"):
        contents = entries[f"lib/modules/{release}/{index}"][1]
        if index == "modules.dep":
            contents = contents.replace(b".ko.zst", b".ko")
        (folder / index).write_bytes(contents)
    return modules.Tree(str(folder))


def test_weighs_less_than_the_limit(built, image):
    assert len(image) + os.path.getsize(os.path.join(built, "vmlinuz")) <= LIMIT


def test_agent_and_console_are_inside(built, entries):
    mode, contents = entries["init"]
    assert stat.S_ISREG(mode) and mode & 0o111
    with open(os.path.join(os.path.dirname(built), "agent", "slipway-agent"), "rb") as file:
        assert contents == file.read()
    assert stat.S_ISCHR(entries["dev/console"][0])
    for folder in ("dev", "proc", "sys", "run", "tmp", "mnt"):
        assert stat.S_ISDIR(entries[folder][0])


def test_certificate_authorities_are_inside(entries):
    assert entries["etc/ssl/certs/ca-certificates.crt"][1].count(b"BEGIN CERTIFICATE") > 50


def test_kernel_and_modules_belong_together(built, release):
    with open(os.path.join(built, "vmlinuz"), "rb") as file:
        assert release.encode() + b" " in file.read()


def test_every_listed_module_is_inside_with_what_it_needs(entries, packed_tree, release):
    for _, names in modules.read_list(MODULES_LIST):
        for name in map(modules.module_name, names):
            if name in packed_tree.builtin:
                continue
            for needed in packed_tree.closure(name):
                assert f"lib/modules/{release}/{packed_tree.paths[needed]}.zst" in entries, f"{name} needs {needed}"


def test_soft_dependencies_are_inside(packed_tree):
    assert "crc32c_generic" in packed_tree.closure("ext4")
    assert "realtek" in packed_tree.closure("r8169")
    assert "net_failover" in packed_tree.closure("virtio_net")


def test_modules_are_the_kernel_packages_own(built, entries, packed_tree, release):
    """Byte for byte: the kernel's signature check must still hold."""
    for name in ("virtio_net", "ext4", "mpt3sas"):
        path = packed_tree.paths[name]
        frame = entries[f"lib/modules/{release}/{path}.zst"][1]
        plain = subprocess.run(["zstd", "-dcq"], input=frame, stdout=subprocess.PIPE, check=True).stdout
        with open(os.path.join(built, "kernel", "lib", "modules", release, path), "rb") as file:
            assert plain == file.read()


@pytest.mark.parametrize("device", DEVICES)
def test_device_finds_its_module(packed_tree, device):
    modalias, module = DEVICES[device]
    assert module in packed_tree.by_alias(modalias)


def build(folder, tree, module_list, init):
    """Runs the build from inside `folder`, with everything it reads copied there."""
    copy = folder / "tree" / os.path.basename(tree)
    os.makedirs(copy)
    for index in ("modules.dep", "modules.alias", "modules.softdep", "modules.builtin"):
        shutil.copy(os.path.join(tree, index), copy)
    for name in ("virtio_net", "virtio_pci", "ext4"):
        for module in modules.Tree(tree).closure(name):
            path = modules.Tree(tree).paths[module]
            os.makedirs(copy / os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(tree, path), copy / path)
    (folder / "list").write_text(module_list)
    (folder / "init").write_bytes(init)
    for command in (["modules", "--tree", str(copy), "--list", "list", "--out", "packed"],
                    ["pack", "--modules", "packed", "--init", "init", "--shell", "init", "--ca", "list", "--out",
                     "initramfs.zst"]):
        subprocess.run([sys.executable, BUILD_SCRIPT, *command], cwd=folder, check=True)
    return (folder / "initramfs.zst").read_bytes()


@pytest.fixture(scope="module")
def kernel_tree(built, release):
    return os.path.join(built, "kernel", "lib", "modules", release)


def test_same_inputs_give_the_same_bytes(kernel_tree, tmp_path):
    module_list = "[a]\next4\n[b]\nvirtio_net\nvirtio_pci\n"
    one, two = tmp_path / "one", tmp_path / "another" / "deeper"
    os.makedirs(one)
    os.makedirs(two)
    first = build(one, kernel_tree, module_list, b"program")
    assert build(two, kernel_tree, module_list, b"program") == first
    three = tmp_path / "three"
    os.makedirs(three)
    assert build(three, kernel_tree, module_list, b"other program") != first


def test_an_unknown_module_is_an_error(kernel_tree, tmp_path):
    (tmp_path / "list").write_text("[a]\next4\nno-such-driver\n")
    result = subprocess.run([sys.executable, BUILD_SCRIPT, "modules", "--tree", kernel_tree, "--list", tmp_path / "list",
                             "--out", tmp_path / "out"], stderr=subprocess.PIPE, check=False)
    assert result.returncode != 0
    assert b"no_such_driver" in result.stderr


def test_over_the_limit_is_an_error(built):
    command = [sys.executable, BUILD_SCRIPT, "table", "--modules", os.path.join(built, "packed"),
               "--vmlinuz", os.path.join(built, "vmlinuz"), "--initramfs", os.path.join(built, "initramfs.zst")]
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
    result = subprocess.run([*command, "--limit", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert result.returncode != 0
    assert b"over the limit of 1000000" in result.stderr


def test_boot_entry_names_files_that_are_there(built):
    with open(os.path.join(built, "automation.conf"), encoding="utf-8") as file:
        keys = dict(line.split(None, 1) for line in file if line.strip() and not line.startswith("#"))
    for key in ("linux", "initrd"):
        assert os.path.exists(os.path.join(built, keys[key].strip()))
    assert "console=tty0" in keys["options"] and "console=ttyS0,115200" in keys["options"]
