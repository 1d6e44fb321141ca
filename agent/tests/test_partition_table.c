/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/partition_table.h"

#include "agent/tests/imaging_fixture.h"

static void read_table(const char *name, struct manifest *m)
{
    struct failure f;
    struct disk_io d;

    memset(m, 0, sizeof(*m));
    assert_int_equal(disk_io_open(&d, scratch_path(name), DISK_IO_READ, &f), 0);
    if (partition_table_read(&d, m, &f))
        fail_msg("%s", f.message);
    disk_io_close(&d);
}

static void write_table(const char *name, const struct manifest *m)
{
    struct failure f;
    struct disk_io d;

    assert_int_equal(disk_io_open(&d, scratch_path(name), DISK_IO_WRITE, &f), 0);
    if (partition_table_write(&d, m, &f))
        fail_msg("%s", f.message);
    disk_io_close(&d);
}

/* Unaligned, out of order, with gaps, from the first usable sector to the last, with the last possible number. */
static void test_exactly_the_same(void **state)
{
    struct manifest *m = malloc(sizeof(*m)), *back = malloc(sizeof(*back));

    (void)state;
    run("truncate -s 64M disk; sgdisk -a1 -n2:34:2047 -t2:ef02 -n128:5001:5001 -n1:6000:+1M -c1:'a name of 36 letters, "
        "which is most' "
        "-n7:9000:131038 -A1:set:0 -A1:set:63 -A2:set:2 disk > log");
    read_table("disk", m);
    assert_int_equal(m->count, 4);
    assert_int_equal(m->partitions[0].number, 2);
    assert_int_equal(m->partitions[0].start, 34 * 512);
    assert_int_equal(m->partitions[1].number, 128);
    assert_int_equal(m->partitions[2].attributes, 0x8000000000000001);
    assert_string_equal(m->partitions[2].name, "a name of 36 letters, which is most");
    run("truncate -s 64M same; truncate -s 80001K larger");
    write_table("same", m);
    write_table("larger", m);
    run("for d in same larger; do sgdisk -v $d > verify.log; grep -q 'No problems found' verify.log; done");
    read_table("same", back);
    assert_memory_equal(m, back, sizeof(*m));
    read_table("larger", back);
    assert_memory_equal(m, back, sizeof(*m));
    /* The backup lies at the very end: the primary can be lost. */
    run("dd if=/dev/zero of=larger bs=512 seek=1 count=33 conv=notrunc status=none; sgdisk -p larger > out 2>&1; "
        "grep -q 9000 out");
    free(m);
    free(back);
}

static void test_boot_code_stays(void **state)
{
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    run("truncate -s 64M disk2; sgdisk -n1:2048:+1M disk2 > log; truncate -s 64M boot; head -c 440 /dev/urandom > "
        "code; "
        "dd if=code of=boot conv=notrunc status=none");
    read_table("disk2", m);
    write_table("boot", m);
    run("cmp -n 440 code boot; [ \"$(od -An -tx1 -j510 -N2 boot | tr -d ' ')\" = 55aa ]; "
        "[ \"$(od -An -tx1 -j450 -N1 boot | tr -d ' ')\" = ee ]");
    free(m);
}

static void refuse(const char *make, const char *part)
{
    struct manifest *m = calloc(1, sizeof(*m));
    struct failure f;
    struct disk_io d;

    run("rm -f bad; truncate -s 64M bad; %s; sha256sum bad > bad.sha256", make);
    assert_int_equal(disk_io_open(&d, scratch_path("bad"), DISK_IO_READ, &f), 0);
    assert_int_equal(partition_table_read(&d, m, &f), -1);
    assert_string_equal(f.reason, "bad-table");
    if (!strstr(f.message, part))
        fail_msg("%s", f.message);
    disk_io_close(&d);
    run("sha256sum -c --quiet bad.sha256");
    free(m);
}

static void test_refused(void **state)
{
    (void)state;
    refuse("true", "no partition table");
    refuse("head -c 64M /dev/urandom > bad", "no partition table");
    refuse("echo ',10M,83' | sfdisk -q -X dos bad", "dos");
    refuse("sgdisk -n1:2048:+1M bad > log; printf x | dd of=bad bs=1 seek=560 conv=notrunc status=none; "
           "printf x | dd of=bad bs=1 seek=$((64 * 1048576 - 512 + 24)) conv=notrunc status=none",
           "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_the_same),
        cmocka_unit_test(test_boot_code_stays),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
