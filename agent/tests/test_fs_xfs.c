/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tests/kernel_fs.h"

static const struct {
    const char *name, *size, *options;
    bool kernel; /* the kernel mounts it; others are filled by mkfs alone */
} variants[] = {
    {"version 5", "320M", "", true},
    {"rmapbt, 3 groups", "120M", "-m rmapbt=1 -d agcount=3", true},
    {"1 KiB blocks, no reflink, finobt, sparse inodes", "100M", "-b size=1024 -m reflink=0,finobt=0 -i sparse=0", true},
    {"sectors of 4096 bytes", "100M", "-s size=4096", true},
    {"log stripe unit", "100M", "-l su=128k", true},
    {"odd size, short last group", "155555K", "-b size=1024 -d agsize=22m", true},
    {"64 KiB blocks", "400M", "-b size=65536", false},
    {"version 4", "100M", "-m crc=0", false},
    {"version 4, counted at once, log version 1", "100M", "-m crc=0 -l lazy-count=0,version=1", false},
    {"version 4, 512-byte blocks", "60M", "-m crc=0 -b size=512 -d agcount=2", false},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* Small volumes want --unsupported; version 4 and that are warned of. */
static void make_fs(const char *size, const char *options)
{
    run("rm -f fs; truncate -s %s fs; mkfs.xfs --unsupported -q %s fs > log 2>&1", size, options);
}

static void make_prototype(void)
{
    run("{ echo /dev/null; echo 0 0; echo d--755 0 0; for f in tree/*.txt; do echo \"${f##*/} ---644 0 0 $PWD/$f\"; "
        "done; echo sub d--755 0 0; for f in tree/sub/deep/*.txt; do echo \"${f##*/} ---644 0 0 $PWD/$f\"; done; echo "
        "'$'; echo '$'; } > prototype");
}

/* What xfs_db calls free must be what the map leaves out; of the blocks that it counts as free, the map keeps the ones
 * in the list for the trees (AGFL) alone. */
static void compare_with_xfs_db(const struct block_map *m)
{
    unsigned long group_blocks, group, block, count, listed = 0;
    uint64_t kept = 0, marked = count_marked(m);
    FILE *f;

    run("xfs_db -c 'sb 0' -c 'p agblocks' fs | sed 's/.* = //' > free; for i in $(seq 0 $(($(xfs_db -c 'sb 0' -c 'p "
        "agcount' fs | sed 's/.* = //') - 1))); do xfs_db -c \"agf $i\" -c 'p flcount' fs; done | awk '{n += $3} END "
        "{print n}' >> free; xfs_db -c 'freesp -d' fs | awk '$1 == \"from\" {exit} $1 ~ /^[0-9]+$/ {print}' >> free");
    f = fopen(scratch_path("free"), "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &group_blocks, &listed), 2);
    while (fscanf(f, "%lu %lu %lu", &group, &block, &count) == 3)
        for (unsigned long i = 0; i < count; i++) {
            kept += fs_map_is_marked(m, group * group_blocks + block + i);
            marked++;
        }
    fclose(f);
    assert_true(listed > 0);
    assert_int_equal(kept, listed);
    assert_int_equal(marked - kept, m->count);
}

static void check_fs(const char *name)
{
    struct block_map m;

    read_mapped("fs", name, &m);
    assert_true(m.used < m.size);
    assert_true(m.smallest <= m.size && m.size - m.smallest < 65536);
    compare_with_xfs_db(&m);
    block_map_free(&m);
    copy_used("fs", "copy");
    run("xfs_repair -n copy > repair.log 2>&1");
}

static void test_variants(void **state)
{
    char options[256];

    (void)state;
    make_tree(60);
    make_prototype();
    for (size_t v = 0; v < VARIANTS; v++) {
        print_message("  %s\n", variants[v].name);
        snprintf(options, sizeof(options), "%s %s", variants[v].options, variants[v].kernel ? "" : "-p prototype");
        make_fs(variants[v].size, options);
        check_fs(variants[v].name);
        if (!variants[v].kernel)
            continue;
        fill_fs(300);
        age_fs();
        check_fs(variants[v].name);
        compare_contents();
    }
}

static void test_image(void **state)
{
    (void)state;
    make_tree(40);
    make_fs("100M", "");
    fill_fs(100);
    age_fs();
    round_trip("8300");
    run("xfs_repair -n copy > repair.log 2>&1");
    compare_contents();
}

/* Hundreds of holes in one group: trees of more than one level. */
static void make_fragmented(void)
{
    make_tree(10);
    make_fs("60M", "-b size=1024 -d agcount=2");
    fill_fs(1200);
    RUN_MOUNTED("rm mnt/small*[13579]");
    run("[ $(xfs_db -c 'agf 0' -c 'p bnolevel' fs | sed 's/.* = //') -ge 2 ]");
}

static void test_unclean(void **state)
{
    (void)state;
    make_tree(10);
    make_fs("60M", "");
    fill_fs(20);
    RUN_MOUNTED("echo text > mnt/new; sync -f mnt; cp fs mounted");
    expect_raw("mounted", "log was not replayed");
    expect_mapped("fs");
    RUN_MOUNTED("echo text > mnt/newer; xfs_io -x -c 'shutdown -f' mnt");
    expect_raw("fs", "log was not replayed");
    RUN_MOUNTED("rm mnt/newer");
    expect_mapped("fs");
}

/* Changes a byte of the log, counted from its start. */
static void change_log(unsigned offset, const char *byte)
{
    run("at=$(xfs_db -c \"convert fsblock $(xfs_db -c 'sb 0' -c 'p logstart' fs | sed 's/.* = //') byte\" fs | sed "
        "'s/.*(\\([0-9]*\\)).*/\\1/'); cp fs changed; printf '%s' | dd of=changed bs=1 seek=$((at + %u)) conv=notrunc "
        "status=none",
        byte, offset);
    expect_raw("changed", "log was not replayed");
}

static void test_changed_log(void **state)
{
    (void)state;
    make_tree(10);
    make_fs("100M", "");
    change_log(512 + 9, "\\000");     /* the unmount record's flag */
    change_log(40 + 3, "\\002");      /* how many operations it has */
    change_log(12 + 2, "\\004");      /* how long it is */
    change_log(2 * 512 + 3, "\\001"); /* another block behind it */
    fill_fs(20);
    run("xfs_repair -L fs > log 2>&1");
    expect_mapped("fs");
    change_log(2 * 512 + 3, "\\007");
}

/* Logs that tools have written, and records of other sizes. */
static void test_logs(void **state)
{
    static const char *const options[] = {"logbsize=256k", "logbsize=64k", "logbsize=16k"};

    (void)state;
    make_tree(10);
    make_fs("100M", "");
    fill_fs(20);
    run("xfs_admin -U generate fs > log");
    expect_mapped("fs");
    fill_fs(21);
    expect_mapped("fs");
    run("xfs_repair -L fs > log 2>&1");
    expect_mapped("fs");
    check_fs("with a new log");
    RUN_MOUNTED("cp tree/file1.txt mnt/; sync -f mnt; cp fs mounted");
    expect_raw("mounted", "log was not replayed");
    expect_mapped("fs");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        run("mount -o loop,%s fs mnt; cp tree/file1.txt mnt/%s; umount mnt", options[i], options[i]);
        expect_mapped("fs");
        run("mount -o loop,%s fs mnt; cp tree/file2.txt mnt/%s; sync -f mnt; cp fs mounted; umount mnt", options[i],
            options[i]);
        expect_raw("mounted", "log was not replayed");
    }
}

/* Closed again and again, until the log's records have gone round its end. */
static void test_log_round(void **state)
{
    unsigned cycle = 0;
    FILE *f;

    (void)state;
    make_fs("40M", "-b size=1024 -m reflink=0,rmapbt=0");
    for (int i = 0; i < 6; i++) {
        RUN_MOUNTED("for r in 1 2 3 4 5 6; do for i in $(seq 300); do : > mnt/$i; done; sync -f mnt; rm mnt/*; done");
        expect_mapped("fs");
    }
    run("xfs_logprint -t fs 2> log | sed -n 's/.*log tail: [0-9]* head: [0-9]* state: <\\(.*\\)>.*/\\1/p' > state; "
        "grep -qx CLEAN state; xfs_db -c 'sb 0' -c 'p lsn' fs | sed 's/.* = 0x//' | sed 's/........$//' > cycle");
    f = fopen(scratch_path("cycle"), "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%x", &cycle), 1);
    fclose(f);
    assert_true(cycle > 1);
}

/* xfs_db keeps the checksums right. */
static void doubt_after(const char *commands, const char *note)
{
    run("cp fs changed; xfs_db -x %s changed > log 2>&1", commands);
    expect_doubt(fs_xfs_map, "changed", note);
}

static void test_doubts(void **state)
{
    (void)state;
    make_fragmented();
    doubt_after("-c 'sb 0' -c 'write -d inprogress 1'", "not finished");
    doubt_after("-c 'sb 0' -c 'write -d rblocks 77'", "realtime");
    doubt_after("-c 'sb 0' -c 'write -d logstart 0'", "another device");
    doubt_after("-c 'sb 0' -c 'write -d features_incompat 0x1b'", "needs a repair");
    doubt_after("-c 'sb 0' -c 'write -d features_incompat 0x40b'", "unknown features 0x400");
    doubt_after("-c 'sb 0' -c 'write -d agblocks 30000'", "do not make");
    doubt_after("-c 'sb 0' -c 'write -d fdblocks 1'", "the superblock says 1");
    doubt_after("-c 'sb 0' -c 'write -d logblocks 3000'", "differ at byte 96");
    doubt_after("-c 'sb 1' -c 'write -d magicnum 0'", "copy of the superblock is missing");
    doubt_after("-c 'agf 1' -c 'write -d length 77'", "has 77 blocks");
    doubt_after("-c 'agf 1' -c 'write -d freeblks 77'", "its header says 77");
    doubt_after("-c 'agf 0' -c 'write -d bnoroot 99999999'", "lies outside");
    doubt_after("-c 'agf 0' -c 'write -d bnolevel 3'", "another level");
    doubt_after("-c 'agf 1' -c 'addr cntroot' -c 'write -d recs[1].startblock 4'", "differ");
    run("cp fs changed; truncate -s 30M changed");
    expect_doubt(fs_xfs_map, "changed", "more than its partition has");
}

static void test_loops(void **state)
{
    (void)state;
    make_fragmented();
    doubt_after(
        "-c 'agf 0' -c 'addr bnoroot' -c \"write -d ptrs[2] $(xfs_db -c 'agf 0' -c 'addr bnoroot' -c 'p ptrs[1]' fs "
        "| sed 's/.*= //')\"",
        "neighbours do not agree");
    doubt_after("-c 'agf 0' -c 'addr bnoroot' -c \"write -d ptrs[1] $(xfs_db -c 'agf 0' -c 'p bnoroot' fs | sed 's/.*= "
                "//')\"",
                "another level");
    doubt_after("-c 'agf 0' -c 'addr bnoroot' -c 'addr ptrs[1]' -c 'write -d rightsib 5'", "neighbours do not agree");
    doubt_after("-c 'agf 0' -c 'addr bnoroot' -c 'addr ptrs[1]' -c 'write -d recs[3].startblock 1'", "out of order");
    doubt_after("-c 'agf 0' -c 'addr bnoroot' -c 'addr ptrs[1]' -c 'write -d recs[3].blockcount 99999999'",
                "a record lies outside");
}

static void flip_bits(const char *name, uint64_t block, uint64_t group)
{
    struct damage d;

    damage_begin(&d, "fs", fs_xfs_map);
    flip_range(&d, 0, 264, 1);               /* superblock */
    flip_range(&d, 512, 512 + 224, 1);       /* AGF */
    flip_range(&d, block, 8 * block, 97);    /* trees */
    flip_range(&d, group, group + 1024, 11); /* the second group's headers */
    flip_range(&d, group + block, group + 3 * block, 53);
    truncate_everywhere(&d, 65536 + 512);
    print_message("  %s: %llu flips, %llu noticed\n", name, (unsigned long long)d.flips, (unsigned long long)d.noticed);
    assert_true(d.noticed > d.flips / 10);
    damage_end(&d);
}

static void test_flipped_bits_lose_nothing(void **state)
{
    (void)state;
    make_fragmented();
    flip_bits("version 5", 1024, 30 << 20);
    make_prototype();
    make_fs("60M", "-m crc=0 -b size=1024 -d agcount=2 -p prototype");
    flip_bits("version 4", 1024, 30 << 20);
    make_fs("40M", "-m crc=0 -b size=512 -d agcount=2 -l lazy-count=0 -p prototype");
    flip_bits("version 4, counted at once", 512, 20 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_unclean),
        cmocka_unit_test(test_logs),
        cmocka_unit_test(test_changed_log),
        cmocka_unit_test(test_log_round),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_flipped_bits_lose_nothing),
    };

    return cmocka_run_group_tests(tests, kernel_fs_setup, scratch_teardown);
}
