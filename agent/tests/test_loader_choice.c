/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which loader a disk's boot entry starts, in trees of files that stand for its EFI system partition. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/production/loader_choice.h"

#include <cmocka.h>

#define FILES 6

static const struct system debian = {.name = "Debian GNU/Linux 12 (bookworm)", .id = "debian"};
static const struct system ubuntu = {.name = "Ubuntu 24.04 LTS", .id = "ubuntu"};
static const struct system fedora = {.name = "Fedora Linux 40", .id = "fedora"};
static const struct system arch = {.name = "Arch Linux", .id = "arch"};
static const struct system tumbleweed = {.name = "openSUSE Tumbleweed", .id = "opensuse-tumbleweed"};
static const struct system windows = {.kind = SYSTEM_WINDOWS, .name = "Windows 11 Pro", .id = "windows"};
static const struct system elsewhere = {.name = "Rocky Linux 9", .id = "rocky", .disk = 1};

struct example {
    const char *files[FILES];
    const struct system *systems[3];
    const char *file, *title; /* NULL: none */
};

static const struct example examples[] = {
    {{"EFI/debian/shimx64.efi", "EFI/debian/grubx64.efi", "EFI/BOOT/BOOTX64.EFI"},
     {&debian},
     "\\EFI\\debian\\shimx64.efi",
     "Debian GNU/Linux 12 (bookworm)"},
    {{"EFI/debian/grubx64.efi"}, {&debian}, "\\EFI\\debian\\grubx64.efi", "Debian GNU/Linux 12 (bookworm)"},
    {{"EFI/ubuntu/shimx64.efi", "EFI/BOOT/BOOTX64.EFI"}, {&ubuntu}, "\\EFI\\ubuntu\\shimx64.efi", "Ubuntu 24.04 LTS"},
    {{"EFI/fedora/shimx64.efi", "EFI/fedora/shim.efi", "EFI/BOOT/BOOTX64.EFI"},
     {&fedora},
     "\\EFI\\fedora\\shimx64.efi",
     "Fedora Linux 40"},
    /* A folder that an earlier system has left behind. */
    {{"EFI/debian/shimx64.efi", "EFI/fedora/shimx64.efi"}, {&fedora}, "\\EFI\\fedora\\shimx64.efi", "Fedora Linux 40"},
    {{"EFI/opensuse/shim.efi"}, {&tumbleweed}, "\\EFI\\opensuse\\shim.efi", "openSUSE Tumbleweed"},
    {{"EFI/systemd/systemd-bootx64.efi", "EFI/BOOT/BOOTX64.EFI"},
     {&arch},
     "\\EFI\\systemd\\systemd-bootx64.efi",
     "Arch Linux"},
    {{"EFI/Microsoft/Boot/bootmgfw.efi", "EFI/BOOT/BOOTX64.EFI"},
     {&windows},
     "\\EFI\\Microsoft\\Boot\\bootmgfw.efi",
     "Windows Boot Manager"},
    /* Both: GRUB starts Windows, too. */
    {{"EFI/Microsoft/Boot/bootmgfw.efi", "EFI/debian/shimx64.efi"},
     {&windows, &debian},
     "\\EFI\\debian\\shimx64.efi",
     "Debian GNU/Linux 12 (bookworm)"},
    {{"EFI/ubuntu/shimx64.efi", "EFI/fedora/shimx64.efi"},
     {&fedora, &ubuntu},
     "\\EFI\\fedora\\shimx64.efi",
     "Fedora Linux 40"},
    {{"EFI/opensuse/shim.efi"}, {&windows, &tumbleweed}, "\\EFI\\opensuse\\shim.efi", "opensuse"},
    /* The path of removable media. */
    {{"EFI/BOOT/BOOTX64.EFI"}, {&debian}, "\\EFI\\BOOT\\BOOTX64.EFI", "Debian GNU/Linux 12 (bookworm)"},
    {{"EFI/BOOT/BOOTX64.EFI"}, {NULL}, "\\EFI\\BOOT\\BOOTX64.EFI", "BOOT"},
    {{"EFI/rocky/shimx64.efi", "EFI/debian/shimx64.efi"},
     {&elsewhere, &debian},
     "\\EFI\\debian\\shimx64.efi",
     "Debian GNU/Linux 12 (bookworm)"},
    {{"EFI/debian/shimx64.efi"}, {&elsewhere}, "\\EFI\\debian\\shimx64.efi", "debian"},
    {{"EFI/unknown/own.efi", "EFI/debian/mmx64.efi"}, {&debian}, NULL, NULL},
    {{NULL}, {&debian}, NULL, NULL},
};

static void put(const char *folder, const char *path)
{
    char command[300];

    snprintf(command, sizeof(command), "cd %s && mkdir -p \"$(dirname %s)\" && echo x > %s", folder, path, path);
    assert_int_equal(system(command), 0);
}

static void check(const struct example *x)
{
    struct system systems[3];
    struct esp e = {.folder = "/tmp/loaders-XXXXXX"};
    char file[64] = "", title[128] = "", command[100];
    unsigned count = 0;

    assert_non_null(mkdtemp(e.folder));
    e.root = open(e.folder, O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < FILES && x->files[i]; i++)
        put(e.folder, x->files[i]);
    while (count < 3 && x->systems[count]) {
        systems[count] = *x->systems[count];
        count++;
    }
    assert_int_equal(loader_choose(&e, systems, count, 0, file, title), x->file != NULL);
    if (x->file) {
        assert_string_equal(file, x->file);
        assert_string_equal(title, x->title);
    }
    close(e.root);
    snprintf(command, sizeof(command), "rm -r %s", e.folder);
    assert_int_equal(system(command), 0);
}

static void loaders(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        check(&examples[i]);
}

static void the_table_knows_its_esp(void **state)
{
    static struct manifest m = {.count = 2};

    (void)state;
    assert_null(esp_of(&m));
    strcpy(m.partitions[1].type, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    assert_ptr_equal(esp_of(&m), &m.partitions[1]);
    strcpy(m.partitions[0].type, "0xef");
    assert_ptr_equal(esp_of(&m), &m.partitions[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loaders),
        cmocka_unit_test(the_table_knows_its_esp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
