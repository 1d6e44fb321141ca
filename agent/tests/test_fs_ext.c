/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"

#include "agent/tests/fs_fixture.h"

static const struct {
    const char *name, *options, *size;
} variants[] = {
    {"ext4, defaults", "-t ext4", "300M"},
    {"ext4, 1 KiB blocks", "-t ext4 -b 1024", "64M"},
    {"ext4, 2 KiB blocks, no flex_bg", "-t ext4 -b 2048 -O ^flex_bg", "200M"},
    {"ext4, meta_bg", "-t ext4 -b 1024 -O meta_bg,^resize_inode", "600M"},
    {"ext4, meta_bg, not 64bit", "-t ext4 -b 1024 -O meta_bg,^resize_inode,^64bit", "600M"},
    {"ext4, bigalloc", "-t ext4 -O bigalloc -C 65536", "300M"},
    {"ext4, bigalloc, 1 KiB blocks", "-t ext4 -b 1024 -O bigalloc -C 16384", "200M"},
    {"ext4, 32 bit", "-t ext4 -O ^64bit", "300M"},
    {"ext4, crc16 groups", "-t ext4 -O ^metadata_csum,uninit_bg", "300M"},
    {"ext4, no checksums", "-t ext4 -O ^metadata_csum,^uninit_bg", "300M"},
    {"ext4, no journal", "-t ext4 -O ^has_journal", "300M"},
    {"ext4, sparse_super2", "-t ext4 -O sparse_super2,^resize_inode", "600M"},
    {"ext4, no sparse_super", "-t ext4 -b 1024 -O ^sparse_super,^resize_inode", "100M"},
    {"ext4, checksum seed", "-t ext4 -O metadata_csum_seed", "300M"},
    {"ext3", "-t ext3", "200M"},
    {"ext2", "-t ext2", "200M"},
    {"ext2, revision 0", "-t ext2 -r 0 -b 1024", "64M"},
    {"odd number of blocks", "-t ext4 -b 1024", "70001K"},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static void make_fs(size_t v)
{
    run("rm -f fs; truncate -s %s fs; mkfs.ext4 -q -F %s -d tree fs", variants[v].size, variants[v].options);
}

/* Deletes some files and writes others, so that holes appear among the used blocks. */
static void age_fs(void)
{
    run("for i in $(seq 2 5 120); do d=; [ $((i %% 3)) = 0 ] && d=sub/deep/; echo \"rm /${d}file$i.txt\"; done > "
        "script; "
        "seq 200000 | head -c 700001 > big; echo 'write big /late.bin' >> script; "
        "debugfs -w -f script fs > debugfs.log 2>&1; e2fsck -fn fs > fsck.log 2>&1");
}

/* What dumpe2fs calls free must be exactly what the map leaves out. */
static void compare_with_dumpe2fs(const struct block_map *m, uint32_t block_size)
{
    uint64_t ratio = m->unit / block_size, first_block = m->base / block_size, listed = 0;
    unsigned long long a, b;
    FILE *list;

    run("LC_ALL=C dumpe2fs fs 2> dump.err > dump.log; sed -n 's/^  Free blocks: //p' dump.log | tr -d ' ' | "
        "tr , '\\n' | sed '/^$/d; s/-/ /' | awk '{ print $1, (NF > 1 ? $2 : $1) }' > free.txt");
    list = fopen(scratch_path("free.txt"), "r");
    assert_non_null(list);
    while (fscanf(list, "%llu %llu", &a, &b) == 2)
        for (uint64_t unit = (a - first_block) / ratio; unit <= (b - first_block) / ratio; unit++, listed++)
            assert_false(fs_map_is_marked(m, unit));
    fclose(list);
    assert_int_equal(m->count - count_marked(m), listed);
}

static uint32_t block_size_of(void)
{
    struct buffer b = {0};
    uint32_t size;

    run("head -c 2048 fs > head");
    assert_true(buffer_read_file(&b, scratch_path("head"), 4096));
    size = 1024u << b.data[1024 + 24];
    free(b.data);
    return size;
}

static void check_variant(size_t v)
{
    struct block_map m;

    print_message("  %s\n", variants[v].name);
    make_fs(v);
    for (int aged = 0; aged < 2; aged++) {
        if (aged)
            age_fs();
        read_mapped("fs", variants[v].name, &m);
        compare_with_dumpe2fs(&m, block_size_of());
        block_map_free(&m);
        copy_used("fs", "copy");
        run("e2fsck -fn copy > fsck.log 2>&1; rm -rf out1 out2; mkdir out1 out2; debugfs -R 'rdump / out1' fs 2> log1; "
            "debugfs -R 'rdump / out2' copy 2> log2; diff -r out1 out2; [ -s out1/file1.txt ]");
    }
}

static void test_variants(void **state)
{
    (void)state;
    make_tree(120);
    for (size_t v = 0; v < VARIANTS; v++)
        check_variant(v);
}

static void test_nearly_full(void **state)
{
    struct block_map m;

    (void)state;
    run("rm -rf full; mkdir full; head -c 26M /dev/urandom > full/data; rm -f fs; truncate -s 32M fs; "
        "mkfs.ext4 -q -F -m 0 -J size=1 -d full fs");
    read_map("fs", &m);
    assert_false(m.raw);
    compare_with_dumpe2fs(&m, block_size_of());
    block_map_free(&m);
    copy_used("fs", "copy");
    run("e2fsck -fn copy > fsck.log 2>&1; debugfs -R 'dump /data out' copy 2> log; cmp out full/data");
}

static void test_doubts(void **state)
{
    (void)state;
    make_tree(40);
    run("rm -f fs; truncate -s 64M fs; mkfs.ext4 -q -F -O ^metadata_csum -d tree fs");
    check_raw("debugfs -w -R 'feature needs_recovery' changed > log 2>&1", "journal was not replayed");
    check_raw("debugfs -w -R 'ssv state 0' changed > log 2>&1", "not cleanly unmounted");
    check_raw("debugfs -w -R 'ssv state 3' changed > log 2>&1", "with errors");
    check_raw("debugfs -w -R 'ssv free_blocks_count 77' changed > log 2>&1", "the superblock says 77");
    check_raw("truncate -s 40M changed", "more than its partition has");
    check_raw("truncate -s 3000 changed", "");
    check_raw("truncate -s 0 fs2; head -c 64M /dev/urandom > changed", "no file system recognised");
}

static void flip_bits(const char *options)
{
    struct damage d;

    run("rm -f fs; truncate -s 20M fs; mkfs.ext4 -q -F -b 1024 -N 128 -J size=1 %s -d tree fs 2> log", options);
    damage_begin(&d, "fs", fs_ext_map);
    flip_range(&d, 1024, 1024 + 400, 1);    /* the superblock's known part */
    flip_range(&d, 2048, 2048 + 192, 1);    /* descriptors */
    flip_range(&d, 3072, 400 * 1024, 1501); /* samples of the blocks behind, bitmaps among them */
    print_message("  %s: %llu flips, %llu noticed\n", options, (unsigned long long)d.flips,
                  (unsigned long long)d.noticed);
    assert_true(d.noticed > d.flips / 10);
    damage_end(&d);
}

static void test_flipped_bits_lose_nothing(void **state)
{
    (void)state;
    make_tree(20);
    flip_bits("-O metadata_csum");
    flip_bits("-O ^metadata_csum,uninit_bg");
    flip_bits("-O ^metadata_csum,^uninit_bg");
    flip_bits("-O ^metadata_csum,^uninit_bg,^resize_inode,meta_bg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_nearly_full),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_flipped_bits_lose_nothing),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
