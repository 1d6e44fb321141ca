# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the parts under test and the lab's own files lie."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LAB = BUILD / "qemu-tests"

SLIPWAY_EFI = BUILD / "efi" / "slipway.efi"
PAYLOAD_EFI = LAB / "payload.efi"
SLIPWAY_0 = BUILD / "legacy" / "slipway.0"
BSTRAP_0 = BUILD / "bstrap" / "bstrap.0"
OLD_ROM = LAB / "old_rom.0"
AGENT = BUILD / "agent" / "slipway-agent"
AGENT_PACKAGE = BUILD / "slipway-agent_0.1.0_amd64.deb"
SLIPWAYD = BUILD / "server" / "slipwayd"
SLIPWAY = BUILD / "server" / "slipway"
INITRAMFS_DIR = BUILD / "initramfs"
VMLINUZ = INITRAMFS_DIR / "vmlinuz"
INITRAMFS = INITRAMFS_DIR / "initramfs.zst"
AUTOMATION_CONF = INITRAMFS_DIR / "automation.conf"
DNSMASQ_TEMPLATE = ROOT / "server" / "dnsmasq.conf.example"

DEBIAN_IMAGE = LAB / "debian.img"
DEBIAN_BIOS_MBR = LAB / "debian-bios-mbr.img"
DEBIAN_BIOS_GPT = LAB / "debian-bios-gpt.img"
DEBIAN_LVM = LAB / "debian-lvm.img"

OVMF_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARS = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
