/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tests/table_fixture.h"

/* Writes the table of `disk` to a disk of `size` full of noise; both are to be the same for sfdisk. */
static void copy_table(const char *disk, const char *size)
{
    struct manifest *m = malloc(sizeof(*m));

    read_table(disk, m);
    through_text(m);
    make_noise("copy", size);
    write_table("copy", m);
    run(DUMP " > dump1; " DUMP " > dump2; [ -s dump1 ]; diff dump1 dump2; cmp -n 440 code copy", disk, "copy");
    free(m);
}

static void verify_gpt(const char *disk)
{
    run("sgdisk -v %s > verify.log; grep -q 'No problems found' verify.log", disk);
}

/* Unaligned, out of order, with gaps, from the first usable sector to the last, with the last possible number. */
static void test_exactly_the_same(void **state)
{
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    run("truncate -s 64M disk; sgdisk -a1 -n2:34:2047 -t2:ef02 -n128:5001:5001 -n1:6000:+1M -c1:'a name of 36 letters, "
        "which is most' "
        "-n7:9000:131038 -A1:set:0 -A1:set:63 -A2:set:2 disk > log");
    read_table("disk", m);
    assert_string_equal(m->table, "gpt");
    assert_int_equal(m->count, 4);
    assert_int_equal(m->partitions[0].number, 2);
    assert_int_equal(m->partitions[0].start, 34 * 512);
    assert_int_equal(m->partitions[1].number, 128);
    assert_int_equal(m->partitions[2].attributes, 0x8000000000000001);
    assert_string_equal(m->partitions[2].name, "a name of 36 letters, which is most");
    assert_string_equal(m->note, "");
    copy_table("disk", "64M");
    verify_gpt("copy");
    run("sgdisk -p disk | tail -n +3 > p1; sgdisk -p copy | tail -n +3 > p2; sed -i /identifier/d p1 p2; cmp p1 p2");
    copy_table("disk", "80001K");
    verify_gpt("copy");
    /* The backup lies at the very end: the primary can be lost. */
    run("dd if=/dev/zero of=copy bs=512 seek=1 count=33 conv=notrunc status=none; sgdisk -p copy > out 2>&1; "
        "grep -q 9000 out");
    free(m);
}

/* Made by sfdisk, whose first usable sector is another; an active protective entry, a signature of the disk. */
static void test_what_else_a_gpt_disk_has(void **state)
{
    (void)state;
    run("truncate -s 64M disk; printf 'label: gpt\\nlast-lba: 130000\\nstart=4096, size=2048\\n' | sfdisk -q disk; "
        "printf 'SIGN' | dd of=disk bs=1 seek=440 conv=notrunc status=none; "
        "printf '\\200' | dd of=disk bs=1 seek=446 conv=notrunc status=none");
    copy_table("disk", "64M");
    run("cmp -i 440 -n 72 disk copy; sfdisk -d disk | grep last-lba > l1; sfdisk -d copy | grep last-lba > l2; cmp l1 "
        "l2");
    copy_table("disk", "70M");
    run("cmp -i 440 -n 11 disk copy; cmp -i 462 -n 50 disk copy; sfdisk -d copy | grep -q 'last-lba: 143326'; "
        "[ $(od -An -tu4 -j458 -N4 copy) = $((70 * 2048 - 1)) ]");
    verify_gpt("copy");
}

static void test_damaged_copies(void **state)
{
    static const char *const damages[] = {"bs=512 seek=1 count=1", "bs=512 seek=$((64 * 2048 - 1)) count=1",
                                          "bs=512 seek=2 count=32"};
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        run("rm -f disk; truncate -s 64M disk; sgdisk -n1:2048:+1M -c1:one disk > log; cp disk whole; dd if=/dev/zero "
            "of=disk %s conv=notrunc status=none; sha256sum disk > before",
            damages[i]);
        read_table("disk", m);
        assert_int_equal(m->count, 1);
        assert_non_null(strstr(m->note, "damaged"));
        copy_table("whole", "64M");
        verify_gpt("copy");
        run("sha256sum -c --quiet before");
    }
    /* A disk image that was made larger: its backup is in the middle. */
    run("cp whole disk; truncate -s 80M disk");
    read_table("disk", m);
    assert_non_null(strstr(m->note, "not in its place"));
    copy_table("disk", "80M");
    verify_gpt("copy");
    free(m);
}

static void test_hybrid(void **state)
{
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    run("rm -f disk; truncate -s 64M disk; sgdisk -n1:2048:+8M -n2:0:+8M -t2:0700 -n3:0:+8M disk > log; sgdisk -h 2:3 "
        "disk "
        "> log");
    read_table("disk", m);
    assert_string_equal(m->table, "hybrid");
    assert_int_equal(m->count, 3);
    copy_table("disk", "64M");
    run("cmp -i 440 -n 72 disk copy; sgdisk -p copy | grep -q hybrid || sgdisk -v copy > log");
    copy_table("disk", "90M");
    run("cmp -i 440 -n 72 disk copy; sfdisk -V -q copy || true; sgdisk -i 3 copy | grep -q 'First sector: 34816'");
    free(m);
}

/* Primary 1 (active), 3; extended 2 with three logical ones, unaligned; made by sfdisk. */
static void test_mbr(void **state)
{
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    run("rm -f disk; truncate -s 64M disk; printf 'label: dos\\nlabel-id: 0x1234abcd\\n"
        "1: start=63, size=8001, type=7, bootable\\n2: start=10000, size=90000, type=f\\n3: start=100000, size=20000, "
        "type=83\\n5: start=10063, size=9937, type=6\\n6: start=20001, size=10000, type=82\\n7: start=40000, "
        "size=60000, "
        "type=8e\\n' | sfdisk -q -f disk > log 2>&1");
    read_table("disk", m);
    assert_string_equal(m->table, "mbr");
    assert_string_equal(m->disk_uuid, "1234abcd");
    assert_int_equal(m->count, 5);
    assert_int_equal(m->partitions[0].attributes, 0x80);
    assert_string_equal(m->partitions[0].type, "0x07");
    assert_int_equal(m->partitions[1].number, 5);
    assert_string_equal(m->partitions[1].uuid, "1234abcd-05");
    assert_int_equal(m->extended.number, 2);
    assert_int_equal(m->extended.count, 3);
    copy_table("disk", "64M");
    run("cmp -i 440 -n 72 disk copy; grep -q bootable dump2; grep -q 'label-id: 0x1234abcd' dump2");
    for (unsigned i = 0; i < m->extended.count; i++)
        run("cmp -i %llu -n 512 disk copy", (unsigned long long)m->extended.ebrs[i].start);
    copy_table("disk", "100M");
    free(m);
}

/* A chain whose first record is empty, whose order is not that of the disk, with links of odd lengths, code in a
 * record, and a last link into nothing. */
static void test_odd_chain(void **state)
{
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    run("rm -f disk; truncate -s 64M disk; printf code | dd of=disk bs=512 seek=40000 conv=notrunc status=none");
    put_entry("disk", 0, 3, 0x85, 10000, 100000);
    put_entry("disk", 10000, 0, 0x05, 30000, 777);
    put_entry("disk", 40000, 0, 0x83, 100, 9000);
    put_entry("disk", 40000, 1, 0x05, 10000, 1);
    put_entry("disk", 20000, 2, 0x0b, 63, 5000);
    put_entry("disk", 20000, 3, 0x0f, 70000, 5);
    put_entry("disk", 80000, 1, 0x82, 1, 29999);
    put_entry("disk", 80000, 0, 0x85, 50000, 50);
    read_table("disk", m);
    assert_int_equal(m->count, 3);
    assert_int_equal(m->extended.count, 5);
    assert_int_equal(m->partitions[0].number, 6);
    assert_int_equal(m->partitions[0].start, 20063 * 512);
    assert_int_equal(m->partitions[1].number, 5);
    assert_int_equal(m->partitions[2].number, 7);
    copy_table("disk", "64M");
    for (unsigned i = 0; i < m->extended.count; i++)
        run("cmp -i %llu -n 512 disk copy", (unsigned long long)m->extended.ebrs[i].start);
    free(m);
}

static void expect_none(const char *make, bool raw, const char *note)
{
    struct manifest *m = malloc(sizeof(*m));

    run("rm -f disk; truncate -s 16M disk; %s", make);
    read_table("disk", m);
    assert_string_equal(m->table, "none");
    assert_int_equal(m->count, 1);
    assert_int_equal(m->partitions[0].number, 1);
    assert_int_equal(m->partitions[0].start, 0);
    assert_int_equal(m->partitions[0].size, 16 << 20);
    assert_int_equal(m->partitions[0].raw, raw);
    if (!strstr(m->partitions[0].note, note))
        fail_msg("%s", m->partitions[0].note);
    free(m);
}

static void test_no_table(void **state)
{
    (void)state;
    expect_none("true", false, "");
    expect_none("head -c 16M /dev/urandom > disk", false, "");
    expect_none("mkfs.ext4 -q -F disk", false, "");
    expect_none("mkfs.vfat disk > log", false, "");
    expect_none("mkfs.ext4 -q -F disk; printf '\\125\\252' | dd of=disk bs=1 seek=510 conv=notrunc status=none", false,
                "");
    expect_none("mkfs.vfat disk > log; dd if=/dev/zero of=disk bs=1 count=64 seek=446 conv=notrunc status=none", false,
                "");
    expect_none("mkfs.exfat disk > log", false, "");
    expect_none("mkfs.ntfs -q -F -f disk > log 2>&1", false, "");
    expect_none("echo 'label: sun' | sfdisk -q disk", true, "\"sun\"");
    expect_none("echo 'label: sgi' | sfdisk -q disk", true, "\"sgi\"");
    expect_none("echo 'start=63, type=42' | sfdisk -q -X dos disk 2> log", true, "dynamic disk");
}

static void refuse(const char *part)
{
    struct manifest *m = malloc(sizeof(*m));
    struct failure f;

    run("sha256sum disk > before");
    assert_int_equal(read_result("disk", m, &f), -1);
    assert_string_equal(f.reason, "bad-table");
    if (!strstr(f.message, part))
        fail_msg("%s", f.message);
    run("sha256sum -c --quiet before");
    free(m);
}

static void test_refused_gpt(void **state)
{
    (void)state;
    run("rm -f disk; truncate -s 64M disk; sgdisk -n1:2048:+1M disk > log; printf x | dd of=disk bs=1 seek=560 "
        "conv=notrunc status=none; printf x | dd of=disk bs=1 seek=$((64 * 1048576 - 512 + 24)) conv=notrunc "
        "status=none");
    refuse("both copies");
}

static void test_refused_mbr(void **state)
{
    static const struct {
        uint32_t sector, slot, type, start, count;
        const char *part;
    } cases[] = {
        {0, 0, 0x83, 5000, 5050, "(number 1) contradicts"},
        {0, 0, 0x83, 120000, 20000, "outside of the disk"},
        {0, 0, 0x83, 0, 100, "over the table"},
        {0, 0, 0x0f, 100, 100, "two extended partitions"},
        {0, 3, 0x83, 2100, 100, "over another one"},
        {20000, 1, 0x05, 0, 100, "in a circle"},
        {20000, 1, 0x05, 10000, 100, "in a circle"},
        {20000, 1, 0x05, 100000, 100, "leaves the extended partition"},
        {20000, 1, 0x05, 0xffffffff, 100, "leaves the extended partition"},
        {20000, 2, 0x83, 1, 2, "two logical partitions"},
        {20000, 0, 0x83, 100, 0xffffffff, "outside of the disk"},
        {20000, 0, 0x83, 0, 1000, "over an extended boot record"},
        {20000, 0, 0x83, 100, 95000, "(number 6) contradicts"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run("rm -f disk; truncate -s 64M disk");
        put_entry("disk", 0, 1, 0x83, 2048, 1000);
        put_entry("disk", 0, 2, 0x05, 10000, 100000);
        put_entry("disk", 10000, 0, 0x83, 100, 9000);
        put_entry("disk", 10000, 1, 0x05, 10000, 100);
        put_entry("disk", 20000, 0, 0x83, 100, 9000);
        put_entry("disk", cases[i].sector, cases[i].slot, (uint8_t)cases[i].type, cases[i].start, cases[i].count);
        refuse(cases[i].part);
    }
}

static void test_mbr_without_partitions(void **state)
{
    struct manifest *m = malloc(sizeof(*m));

    (void)state;
    run("rm -f disk; truncate -s 64M disk; echo 'label: dos' | sfdisk -q disk");
    read_table("disk", m);
    assert_string_equal(m->table, "mbr");
    assert_int_equal(m->count, 0);
    copy_table("disk", "64M");
    free(m);
}

/* One more than an image can have. */
static void test_endless_chain(void **state)
{
    (void)state;
    run("rm -f disk; truncate -s 64M disk");
    put_entry("disk", 0, 0, 0x05, 100, 100000);
    for (uint32_t i = 0; i < 130; i++) {
        put_entry("disk", 100 + 10 * i, 0, 0x83, 1, 5);
        put_entry("disk", 100 + 10 * i, 1, 0x05, 10 * (i + 1), 10);
    }
    refuse("more than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_the_same),
        cmocka_unit_test(test_what_else_a_gpt_disk_has),
        cmocka_unit_test(test_damaged_copies),
        cmocka_unit_test(test_hybrid),
        cmocka_unit_test(test_mbr),
        cmocka_unit_test(test_odd_chain),
        cmocka_unit_test(test_no_table),
        cmocka_unit_test(test_refused_gpt),
        cmocka_unit_test(test_refused_mbr),
        cmocka_unit_test(test_endless_chain),
        cmocka_unit_test(test_mbr_without_partitions),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
