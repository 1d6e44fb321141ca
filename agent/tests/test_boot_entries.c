/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot entries in a folder of files as efivarfs has them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/production/boot_entries.h"
#include "agent/production/guid.h"

#include <cmocka.h>

#define ESP "c0ffee00-1111-2222-3333-444455556666"
#define OTHER "0badcafe-1111-2222-3333-444455556666"
#define OLD "deadbeef-1111-2222-3333-444455556666"

static char folder[64], notes[1024];
static struct efi_vars vars;
static struct boot_loader loader;

static struct load_option_partition partition(const char *guid)
{
    struct load_option_partition p = {.number = 1, .start = 2048, .size = 131072, .signature_type = LOAD_OPTION_GUID};

    assert_true(guid_parse(guid, p.signature));
    return p;
}

static void put(const char *name, const void *data, size_t size)
{
    struct failure f;

    assert_int_equal(efi_vars_write(&vars, name, data, size, &f), 0);
}

static void put_entry(uint16_t number, const char *title, const char *guid, const char *file)
{
    const struct load_option_partition p = partition(guid);
    uint8_t bytes[512];
    struct writer w;
    char name[16];

    writer_init(&w, bytes, sizeof(bytes));
    load_option_write(&w, title, &p, file);
    snprintf(name, sizeof(name), "Boot%04X", number);
    put(name, bytes, w.length);
}

/* By PXE over a card whose MAC address ends so. */
static void put_network(uint16_t number, uint8_t last)
{
    uint8_t bytes[10 + 37 + 27 + 4] = {1, 0,  0,  0, 37 + 27 + 4, 0,    'P', 0, 0, 0,
                                       3, 11, 37, 0, 0x52,        0x54, 0,   0, 0, last};
    char name[16];

    memcpy(bytes + 10 + 37, (const uint8_t[]){3, 12, 27, 0}, 4);
    memcpy(bytes + 10 + 37 + 27, (const uint8_t[]){0x7f, 0xff, 4, 0}, 4);
    snprintf(name, sizeof(name), "Boot%04X", number);
    put(name, bytes, sizeof(bytes));
}

static void put_application(void)
{
    put("Boot0000", (const uint8_t[]){9, 1, 0, 0, 4, 0, 'U', 0, 0, 0, 0x7f, 0xff, 4, 0}, 14);
}

static void put_order(unsigned count, const uint16_t *numbers)
{
    put("BootOrder", numbers, 2 * count);
}

#define ORDER(...) put_order(sizeof((uint16_t[]){__VA_ARGS__}) / 2, (const uint16_t[]){__VA_ARGS__})

static bool exists_name(const char *name)
{
    uint8_t bytes[512];
    struct failure f;
    size_t size;

    return efi_vars_read(&vars, name, bytes, sizeof(bytes), &size, &f) == 1;
}

static void assert_order(unsigned count, const uint16_t *numbers)
{
    uint8_t bytes[512];
    struct failure f;
    size_t size;

    assert_int_equal(efi_vars_read(&vars, "BootOrder", bytes, sizeof(bytes), &size, &f), 1);
    assert_int_equal(size, 2 * count);
    assert_memory_equal(bytes, numbers, size);
}

#define ASSERT_ORDER(...) assert_order(sizeof((uint16_t[]){__VA_ARGS__}) / 2, (const uint16_t[]){__VA_ARGS__})

static bool has_file(void *arg, const char *file)
{
    (void)arg;
    return strcmp(file, "\\EFI\\debian\\shimx64.efi") == 0 || strcmp(file, "\\EFI\\BOOT\\BOOTX64.EFI") == 0;
}

static void note(void *arg, const char *text)
{
    (void)arg;
    strncat(notes, text, sizeof(notes) - strlen(notes) - 1);
    strncat(notes, "\n", sizeof(notes) - strlen(notes) - 1);
}

static int update_with(enum boot_order_wish wish, const char *gone)
{
    uint8_t guid[1][16] = {{0}};
    const struct boot_entries_request r = {
        .loader = &loader, .gone = guid, .gone_count = gone != NULL, .exists = has_file, .wish = wish, .note = note};
    struct failure f = {.message = ""};
    int number;

    if (gone)
        assert_true(guid_parse(gone, guid[0]));
    if (boot_entries_update(&vars, &r, &number, &f) != 0)
        fail_msg("%s", f.message);
    return number;
}

static int start(void **state)
{
    struct failure f;

    (void)state;
    strcpy(folder, "/tmp/efivars-XXXXXX");
    notes[0] = '\0';
    loader = (struct boot_loader){.file = "\\EFI\\debian\\shimx64.efi", .title = "Debian GNU/Linux 12"};
    loader.partition = partition(ESP);
    return mkdtemp(folder) && efi_vars_open(&vars, folder, &f) == 0 ? 0 : -1;
}

static int end(void **state)
{
    char command[100];

    (void)state;
    efi_vars_close(&vars);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void a_new_entry_comes_behind_the_network(void **state)
{
    (void)state;
    put_application();
    put_network(1, 1);
    put_entry(2, "USB", OTHER, "\\EFI\\BOOT\\BOOTX64.EFI");
    ORDER(0, 2, 1);
    assert_int_equal(update_with(BOOT_ORDER_NETWORK_FIRST, NULL), 3);
    ASSERT_ORDER(0, 1, 3, 2);
    assert_string_equal(notes, "boot entry Boot0003 (Debian GNU/Linux 12) made\n");
}

static void a_second_deploy_changes_nothing(void **state)
{
    (void)state;
    put_network(1, 1);
    ORDER(1);
    assert_int_equal(update_with(BOOT_ORDER_NETWORK_FIRST, NULL), 0);
    notes[0] = '\0';
    assert_int_equal(update_with(BOOT_ORDER_NETWORK_FIRST, NULL), 0);
    assert_string_equal(notes, "");
    ASSERT_ORDER(1, 0);
}

static void stale_entries_go_and_those_of_other_disks_stay(void **state)
{
    (void)state;
    put_network(1, 1);
    put_entry(2, "old system", OLD, "\\EFI\\fedora\\shimx64.efi");
    put_entry(3, "ubuntu", ESP, "\\EFI\\ubuntu\\shimx64.efi");
    put_entry(4, "other disk", OTHER, "\\EFI\\ubuntu\\shimx64.efi");
    put_entry(5, "same disk", ESP, "\\EFI\\BOOT\\BOOTX64.EFI");
    ORDER(2, 1, 3, 4, 5);
    assert_int_equal(update_with(BOOT_ORDER_NETWORK_FIRST, OLD), 0);
    ASSERT_ORDER(1, 0, 4, 5);
    assert_false(exists_name("Boot0002"));
    assert_false(exists_name("Boot0003"));
    assert_true(exists_name("Boot0004"));
    assert_true(exists_name("Boot0005"));
    assert_non_null(strstr(notes, "Boot0002 (old system) removed"));
}

static void disk_first_and_keep(void **state)
{
    (void)state;
    put_network(1, 1);
    put_entry(2, "old system", OLD, "\\EFI\\fedora\\shimx64.efi");
    put_entry(4, "other disk", OTHER, "\\EFI\\ubuntu\\shimx64.efi");
    ORDER(4, 2, 1);
    assert_int_equal(update_with(BOOT_ORDER_KEEP, OLD), 0);
    ASSERT_ORDER(4, 0, 1);
    assert_int_equal(update_with(BOOT_ORDER_DISK_FIRST, NULL), 0);
    ASSERT_ORDER(0, 4, 1);
}

static void a_partition_that_moved_keeps_its_entry(void **state)
{
    (void)state;
    put_network(1, 1);
    put_entry(7, "debian", ESP, "\\EFI\\Debian\\SHIMX64.EFI");
    ORDER(1, 7);
    loader.partition.start = 4096;
    assert_int_equal(update_with(BOOT_ORDER_NETWORK_FIRST, NULL), 7);
    ASSERT_ORDER(1, 7);
    assert_non_null(strstr(notes, "Boot0007 (Debian GNU/Linux 12) made"));
}

static void what_cannot_be_read_is_left_alone(void **state)
{
    (void)state;
    put("Boot0000", "rubbish", 7);
    put("Boot00AB", "\1", 1);
    ORDER(0x00ab, 0);
    assert_int_equal(update_with(BOOT_ORDER_NETWORK_FIRST, NULL), 1);
    ASSERT_ORDER(0x00ab, 0, 1);
    assert_true(exists_name("Boot0000"));
    assert_true(exists_name("Boot00AB"));
}

static void the_network_entry(void **state)
{
    static const uint8_t second[6] = {0x52, 0x54, 0, 0, 0, 2}, unknown[6] = {1};
    static struct boot_entries e;
    struct failure f;

    (void)state;
    assert_int_equal(boot_entries_read(&vars, &e, &f), 0);
    assert_int_equal(boot_entries_network(&vars, &e, NULL), BOOT_ORDER_NONE);
    put_network(1, 1);
    put_network(2, 2);
    put_entry(3, "disk", OTHER, "\\EFI\\BOOT\\BOOTX64.EFI");
    ORDER(3, 1, 2);
    assert_int_equal(boot_entries_read(&vars, &e, &f), 0);
    assert_int_equal(boot_entries_network(&vars, &e, NULL), 1);
    assert_int_equal(boot_entries_network(&vars, &e, second), 2);
    assert_int_equal(boot_entries_network(&vars, &e, unknown), 1);
    put("BootCurrent", "\2", 2);
    assert_int_equal(boot_entries_network(&vars, &e, NULL), 2);
    put("BootCurrent", "\3", 2);
    assert_int_equal(boot_entries_network(&vars, &e, NULL), 1);
}

static void boot_next_is_set(void **state)
{
    struct failure f;
    uint8_t bytes[4];
    size_t size;

    (void)state;
    assert_int_equal(boot_entries_set_next(&vars, 0x0102, &f), 0);
    assert_int_equal(efi_vars_read(&vars, "BootNext", bytes, sizeof(bytes), &size, &f), 1);
    assert_int_equal(size, 2);
    assert_memory_equal(bytes, "\x02\x01", 2);
}

static void variables_that_make_no_sense(void **state)
{
    char path[200];
    struct failure f;
    uint8_t bytes[4];
    size_t size;
    int fd;

    (void)state;
    assert_int_equal(efi_vars_read(&vars, "Missing", bytes, sizeof(bytes), &size, &f), 0);
    assert_int_equal(efi_vars_remove(&vars, "Missing", &f), 0);
    put("Large", "12345", 5);
    assert_int_equal(efi_vars_read(&vars, "Large", bytes, sizeof(bytes), &size, &f), -1);
    assert_string_equal(f.reason, "production");
    snprintf(path, sizeof(path), "%s/Short-8be4df61-93ca-11d2-aa0d-00e098032b8c", folder);
    fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    assert_int_equal(efi_vars_read(&vars, "Short", bytes, sizeof(bytes), &size, &f), -1);
}

static void assert_refused(const char *words)
{
    const struct boot_entries_request r = {
        .loader = &loader, .exists = has_file, .wish = BOOT_ORDER_DISK_FIRST, .note = note};
    struct failure f = {.message = ""};
    int number;

    assert_int_equal(boot_entries_update(&vars, &r, &number, &f), -1);
    assert_string_equal(f.reason, "production");
    if (!strstr(f.message, words))
        fail_msg("%s", f.message);
}

/* Another file system in the folder, for the test alone. */
static void mount_folder(unsigned long flags, const char *options)
{
    struct failure f;

    efi_vars_close(&vars);
    if (mount("none", folder, "tmpfs", flags, options) != 0)
        fail_msg("nothing can be mounted here: %s", strerror(errno));
    assert_int_equal(efi_vars_open(&vars, folder, &f), 0);
}

static void unmount_folder(void)
{
    struct failure f;

    efi_vars_close(&vars);
    assert_int_equal(umount(folder), 0);
    assert_int_equal(efi_vars_open(&vars, folder, &f), 0);
}

static void firmware_that_is_full(void **state)
{
    static const uint8_t filler[4096];
    int fd;

    (void)state;
    mount_folder(0, "size=4k");
    fd = openat(vars.folder, "filler", O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, filler, sizeof(filler)), sizeof(filler));
    close(fd);
    assert_refused("cannot write the firmware's variable Boot0000: its memory for variables is full");
    unmount_folder();
}

static void variables_that_are_read_only(void **state)
{
    (void)state;
    mount_folder(MS_RDONLY, "size=4k");
    assert_refused("cannot write the firmware's variable Boot0000: its variables are read-only here");
    unmount_folder();
}

static void variables_that_are_not_there(void **state)
{
    struct efi_vars none;
    struct failure f;

    (void)state;
    assert_int_equal(efi_vars_open(&none, "/no/such/folder", &f), -1);
    assert_string_equal(f.message,
                        "cannot open the firmware's variables in /no/such/folder: No such file or directory");
}

static void guids(void **state)
{
    static const uint8_t esp_type[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                         0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
    uint8_t guid[16];

    (void)state;
    assert_true(guid_parse("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", guid));
    assert_memory_equal(guid, esp_type, 16);
    assert_false(guid_parse("C12A7328-F81F-11D2-BA4B-00A0C93EC93", guid));
    assert_false(guid_parse("C12A7328-F81F-11D2-BA4B-00A0C93EC93B0", guid));
    assert_false(guid_parse("C12A7328F-81F-11D2-BA4B-00A0C93EC93B", guid));
    assert_false(guid_parse("C12A7328-F81F-11D2-BA4B-00A0C93EC93X", guid));
    assert_false(guid_parse("1a2b3c4d-05", guid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_entry_comes_behind_the_network, start, end),
        cmocka_unit_test_setup_teardown(a_second_deploy_changes_nothing, start, end),
        cmocka_unit_test_setup_teardown(stale_entries_go_and_those_of_other_disks_stay, start, end),
        cmocka_unit_test_setup_teardown(disk_first_and_keep, start, end),
        cmocka_unit_test_setup_teardown(a_partition_that_moved_keeps_its_entry, start, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_left_alone, start, end),
        cmocka_unit_test_setup_teardown(the_network_entry, start, end),
        cmocka_unit_test_setup_teardown(boot_next_is_set, start, end),
        cmocka_unit_test_setup_teardown(variables_that_make_no_sense, start, end),
        cmocka_unit_test_setup_teardown(firmware_that_is_full, start, end),
        cmocka_unit_test_setup_teardown(variables_that_are_read_only, start, end),
        cmocka_unit_test(variables_that_are_not_there),
        cmocka_unit_test(guids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
