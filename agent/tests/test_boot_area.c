/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a boot area leaves the table that is on the disk: it may be the only one that has the kept partitions. */
#include "agent/layout/boot_area.h"

#include "agent/tests/imaging_fixture.h"

#define DISK_SIZE 65536

static uint8_t disk[DISK_SIZE], boot[DISK_SIZE];

/* Writes a boot area of 'B' to a disk of 'T' and reads the disk back. */
static void write_boot(const char *table, uint32_t sector_size, uint64_t boot_size)
{
    struct manifest *m = calloc(1, sizeof(*m));
    struct failure f;
    struct disk_io d;

    assert_non_null(m);
    strcpy(m->table, table);
    m->sector_size = sector_size;
    m->boot_size = boot_size;
    memset(boot, 'B', sizeof(boot));
    run("head -c %u /dev/zero | tr '\\0' T > disk", DISK_SIZE);
    assert_int_equal(disk_io_open(&d, scratch_path("disk"), DISK_IO_WRITE, &f), 0);
    assert_int_equal(boot_area_write(&d, m, boot, &f), 0);
    assert_int_equal(disk_io_read(&d, 0, disk, sizeof(disk), &f), 0);
    disk_io_close(&d);
    free(m);
}

static void expect(const char *table, uint32_t sector_size, uint64_t boot_size, uint64_t code, uint64_t table_end)
{
    write_boot(table, sector_size, boot_size);
    for (uint64_t i = 0; i < DISK_SIZE; i++) {
        bool written = i < code || (i >= table_end && i < boot_size);
        if (disk[i] != (written ? 'B' : 'T'))
            fail_msg("%s, sectors of %u: byte %u is '%c'", table, sector_size, (unsigned)i, disk[i]);
    }
}

static void test_table_stays(void **state)
{
    (void)state;
    expect("mbr", 512, 32256, 440, 512);
    expect("mbr", 4096, 32768, 440, 512);
    expect("gpt", 512, 49152, 440, 34 * 512);
    expect("hybrid", 512, 49152, 440, 34 * 512);
    expect("gpt", 4096, 49152, 440, 2 * 4096 + 16384);
}

/* The first partition follows the table at once, or the area holds less than the boot code. */
static void test_small_areas(void **state)
{
    (void)state;
    expect("mbr", 512, 512, 440, 512);
    expect("gpt", 512, 34 * 512, 440, 34 * 512);
    expect("gpt", 512, 512, 440, 34 * 512);
    expect("mbr", 512, 100, 100, 512);
    expect("mbr", 512, 0, 0, 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_stays),
        cmocka_unit_test(test_small_areas),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
