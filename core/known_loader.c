/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/known_loader.h"

/* Distributions whose loader is shim or GRUB, by the name of their folder. */
static const char *const folders[] = {
    "debian", "ubuntu", "fedora",  "redhat", "centos", "rocky",       "almalinux", "opensuse", "sles",       "arch",
    "GRUB",   "kali",   "Manjaro", "gentoo", "mageia", "endeavouros", "openEuler", "ol",       "NixOS-boot",
};
/* SUSE's shim, and RHEL's before 7.4, has no architecture in its name. */
static const char *const files[] = {"shimx64.efi", "shim.efi", "grubx64.efi"};

static const char *const others[] = {
    "Microsoft\\Boot\\bootmgfw.efi",
    "systemd\\systemd-bootx64.efi",
    "refind\\refind_x64.efi",
    "limine\\limine_x64.efi",
    "BOOT\\BOOTX64.EFI",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool known_loader(unsigned n, struct text *ret)
{
    unsigned in_folders = COUNT(folders) * COUNT(files);

    if (n >= in_folders + COUNT(others))
        return false;
    text_string(ret, "\\EFI\\");
    if (n >= in_folders) {
        text_string(ret, others[n - in_folders]);
        return true;
    }
    text_string(ret, folders[n / COUNT(files)]);
    text_string(ret, "\\");
    text_string(ret, files[n % COUNT(files)]);
    return true;
}
