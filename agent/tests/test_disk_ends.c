/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is held back of a streamed image until it is verified. */
#include "agent/source/disk_ends.h"

#include "agent/tests/table_fixture.h"

static void stream(const struct disk_ends *e, const char *file)
{
    static uint8_t buffer[1 << 20];
    FILE *in = fopen(scratch_path(file), "rb");
    struct failure f;
    uint64_t at = 0;
    size_t n;

    assert_non_null(in);
    for (; (n = fread(buffer, 1, sizeof(buffer), in)) > 0; at += n)
        assert_int_equal(disk_ends_write(e, at, buffer, n, &f), 0);
    fclose(in);
}

/* Most of the table is on the disk already, the first sector is not. */
static void test_logical_partitions(void **state)
{
    struct manifest *m = malloc(sizeof(*m));
    struct disk_ends e;
    struct disk_io d;
    struct failure f;

    (void)state;
    run("truncate -s 48M disk; printf 'label: dos\\n1: start=2048, size=2000, type=da\\n2: start=4096, size=90000, "
        "type=f\\n"
        "5: start=6144, size=20480\\n6: start=30720, size=40960, type=83\\n' | sfdisk -q disk; truncate -s 20M p6; "
        "mkfs.ext4 -q -F -L root p6; dd if=p6 of=disk bs=512 seek=30720 conv=notrunc status=none; yes noise | head -c "
        "48M > "
        "target");
    assert_int_equal(disk_io_open(&d, scratch_path("target"), DISK_IO_WRITE, &f), 0);
    assert_int_equal(disk_ends_open(&e, &d, &f), 0);
    stream(&e, "disk");
    if (disk_ends_partitions(&e, m, &f))
        fail_msg("%s", f.message);
    assert_string_equal(m->table, "mbr");
    assert_int_equal(m->count, 3);
    assert_int_equal(m->partitions[2].number, 6);
    assert_string_equal(m->partitions[2].fs_type, "ext4");
    assert_string_equal(m->partitions[2].fs_label, "root");
    run("[ \"$(head -c 6 target)\" = noise ]");
    if (disk_ends_release(&e, &d, &f))
        fail_msg("%s", f.message);
    run("cmp disk target");
    disk_ends_close(&e);
    disk_io_close(&d);
    free(m);
}

/* An old layout: the file system begins within the first MiB and ends with the disk. */
static void test_partition_in_ends(void **state)
{
    struct manifest *m = malloc(sizeof(*m));
    struct disk_ends e;
    struct disk_io d;
    struct failure f;

    (void)state;
    run("rm -f disk; truncate -s 16M disk; printf 'label: dos\\nstart=63, size=32705, type=83\\n' | sfdisk -q disk; "
        "rm -f p1; truncate -s 16744960 p1; mkfs.ext4 -q -F p1; dd if=p1 of=disk bs=512 seek=63 conv=notrunc "
        "status=none; printf tail | dd of=disk bs=1 seek=16777000 conv=notrunc status=none; truncate -s 0 target; "
        "truncate -s 16M target");
    assert_int_equal(disk_io_open(&d, scratch_path("target"), DISK_IO_WRITE, &f), 0);
    assert_int_equal(disk_ends_open(&e, &d, &f), 0);
    stream(&e, "disk");
    if (disk_ends_partitions(&e, m, &f))
        fail_msg("%s", f.message);
    assert_int_equal(m->count, 1);
    assert_string_equal(m->partitions[0].fs_type, "ext4");
    run("cmp -n 32256 target /dev/zero; cmp -i 32256 disk target; "
        "for at in 40000 16777000; do for file in disk target; do printf here | dd of=$file bs=1 seek=$at conv=notrunc "
        "status=none; done; done");
    if (disk_ends_take_back(&e, m, &f) || disk_ends_release(&e, &d, &f))
        fail_msg("%s", f.message);
    run("cmp disk target");
    disk_ends_close(&e);
    disk_io_close(&d);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logical_partitions),
        cmocka_unit_test(test_partition_in_ends),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
