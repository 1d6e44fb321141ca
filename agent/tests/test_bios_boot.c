/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First sectors that a BIOS can start something from, and others. */
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
#include "agent/base/le.h"
#include "agent/layout/bios_boot.h"

#include <cmocka.h>

#define DISK_SIZE (4u << 20)
#define SECTOR 512

static char path[64];
static struct disk_io disk;
static struct manifest m;
static char why[160];

static int start(void **state)
{
    struct failure f;
    int fd;

    (void)state;
    strcpy(path, "/tmp/bios-XXXXXX");
    fd = mkstemp(path);
    if (fd < 0 || ftruncate(fd, DISK_SIZE) != 0)
        return -1;
    close(fd);
    memset(&m, 0, sizeof(m));
    strcpy(m.table, "mbr");
    m.mbr[510] = 0x55;
    m.mbr[511] = 0xaa;
    memset(m.mbr, 0x90, 16);
    return disk_io_open(&disk, path, DISK_IO_WRITE, &f);
}

static int end(void **state)
{
    (void)state;
    disk_io_close(&disk);
    return unlink(path);
}

static void put(uint64_t sector, const uint8_t *data)
{
    struct failure f;

    assert_int_equal(disk_io_write(&disk, sector * SECTOR, data, SECTOR, &f), 0);
}

static int check(void)
{
    struct failure f;

    put(0, m.mbr);
    why[0] = '\0';
    return bios_boot_check(&disk, &m, why, &f);
}

static void make_partition(unsigned i, bool active, uint32_t start)
{
    const struct mbr_entry e = {.status = active ? MBR_ACTIVE : 0, .type = 0x83, .start = start, .count = 100};

    mbr_put(m.mbr, i, &e);
}

static void a_generic_sector_needs_an_active_partition(void **state)
{
    uint8_t boot_sector[SECTOR] = {0};

    (void)state;
    make_partition(0, false, 2048);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "no partition is active, and the boot code is not GRUB's");
    make_partition(0, true, 2048);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "the active partition has no boot sector");
    boot_sector[510] = 0x55;
    boot_sector[511] = 0xaa;
    put(2048, boot_sector);
    assert_int_equal(check(), 1);
    make_partition(2, true, 4096);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "two partitions are active");
    make_partition(2, false, 4096);
    make_partition(0, true, 1u << 30);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "the active partition is not on the disk");
}

static void no_boot_code(void **state)
{
    (void)state;
    m.mbr[511] = 0;
    assert_int_equal(check(), 0);
    assert_string_equal(why, "there is no boot code in its first sector");
    m.mbr[511] = 0xaa;
    memset(m.mbr, 0, MBR_CODE_SIZE);
    make_partition(0, true, 2048);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "there is no boot code in its first sector");
}

static void grub_must_find_its_rest(void **state)
{
    uint8_t core[SECTOR] = {1};

    (void)state;
    strcpy(m.table, "gpt");
    memcpy(m.mbr + 0x180, "GRUB \0Geom", 10);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "GRUB's boot sector leads nowhere");
    le64_write(m.mbr + 0x5c, UINT64_MAX);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "GRUB's boot sector leads nowhere");
    le64_write(m.mbr + 0x5c, 2048);
    assert_int_equal(check(), 0);
    assert_string_equal(why, "there is nothing where GRUB's boot sector looks for the rest");
    put(2048, core);
    assert_int_equal(check(), 1);
}

static void other_boot_code_in_a_gpt_is_believed(void **state)
{
    (void)state;
    strcpy(m.table, "gpt");
    assert_int_equal(check(), 1);
}

#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DISK(a_generic_sector_needs_an_active_partition),
        ON_DISK(no_boot_code),
        ON_DISK(grub_must_find_its_rest),
        ON_DISK(other_boot_code_in_a_gpt_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
