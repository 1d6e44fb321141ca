/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tests/imaging_fixture.h"

#define MIB (1024 * 1024)

static const char *const file_systems[] = {
    "mkfs.ext4 -q -b 1024 -J size=1 fs",
    "mkfs.vfat -F 32 -s 1 fs > log",
    "mkswap fs > log 2>&1",
};

/* A partition of 48 MiB with a file system of 40, and marks behind its end. */
static void make_partition(const char *mkfs, const char *mark_at)
{
    run("rm -f fs; truncate -s 40M fs; %s; truncate -s 48M fs; printf MARK | dd of=fs bs=1 conv=notrunc status=none "
        "seek=%s",
        mkfs, mark_at);
}

static uint64_t used_in(const struct block_map *m, uint64_t from, uint64_t to)
{
    uint64_t start, end, used = 0;

    for (; block_map_next(m, from, to, &start, &end); from = end) {
        assert_in_range(start, from, to - 1);
        assert_in_range(end, start + 1, to);
        used += end - start;
    }
    return used;
}

/* md's superblock 1.0 lies 8 KiB before the end. */
static void test_tail_is_used(void **state)
{
    struct block_map m;

    (void)state;
    for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++) {
        print_message("  %s\n", file_systems[i]);
        make_partition(file_systems[i], "$((48 * 1024 * 1024 - 8192))");
        read_map("fs", &m);
        assert_false(m.raw);
        assert_int_equal(m.tail, MIB);
        assert_int_equal(used_in(&m, 47 * MIB, 48 * MIB), MIB);
        assert_int_equal(used_in(&m, 47 * MIB - 1, 47 * MIB + 1), 1);
        assert_int_equal(used_in(&m, 41 * MIB, 47 * MIB), 0);
        assert_int_equal(used_in(&m, 0, m.size), m.used);
        assert_in_range(m.smallest, 39 * MIB, 40 * MIB);
        block_map_free(&m);
        copy_used("fs", "copy");
        run("[ \"$(tail -c 8192 copy | head -c 4)\" = MARK ]");
    }
}

/* Less than 1 MiB behind the end: all of it, and not a byte of the file system more. */
static void test_short_tail(void **state)
{
    struct block_map m;

    (void)state;
    run("rm -f fs; truncate -s 40M fs; mkfs.ext4 -q -b 1024 -J size=1 fs; truncate -s 41000K fs");
    read_map("fs", &m);
    assert_int_equal(m.tail, 40 * 1024);
    assert_int_equal(used_in(&m, 40 * MIB, m.size), 40 * 1024);
    assert_int_equal(used_in(&m, 0, m.size), m.used);
    block_map_free(&m);
}

static void test_no_tail(void **state)
{
    struct block_map m;

    (void)state;
    run("rm -f fs; truncate -s 40M fs; mkfs.ext4 -q -b 1024 -J size=1 fs");
    read_map("fs", &m);
    assert_int_equal(m.tail, 0);
    assert_int_equal(used_in(&m, 0, m.size), m.used);
    block_map_free(&m);
    run("head -c 3M /dev/urandom > fs");
    read_map("fs", &m);
    assert_true(m.raw);
    assert_int_equal(m.used, 3 * MIB);
    assert_int_equal(used_in(&m, 0, m.size), 3 * MIB);
    block_map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tail_is_used),
        cmocka_unit_test(test_short_tail),
        cmocka_unit_test(test_no_tail),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
