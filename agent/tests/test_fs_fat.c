/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"

#include "agent/tests/fs_fixture.h"

static const struct {
    const char *name, *size, *options;
    uint64_t fat_start; /* bytes: reserved sectors */
} variants[] = {
    {"FAT12", "2M", "-F 12 -s 4 -R 1 -a", 512},
    {"FAT16", "24M", "-F 16 -R 1 -a", 512},
    {"FAT16, one FAT", "24M", "-F 16 -f 1 -R 1 -a", 512},
    {"FAT32", "300M", "-F 32 -s 1", 512 * 32},
    {"FAT32, sectors of 4096 bytes", "300M", "-F 32 -S 4096 -s 1", 4096 * 32},
};

/* With holes: some files are deleted again. */
static void make_fs(size_t v)
{
    run("rm -f fs; truncate -s %s fs; mkfs.vfat %s -n BOOT fs > log; mcopy -s -i fs tree/sub ::/; "
        "mcopy -i fs tree/file*.txt ::/; for i in $(seq 1 9 100); do [ ! -f tree/file$i.txt ] || mdel -i fs "
        "::/file$i.txt; done; "
        "mcopy -i fs tree/file10.txt ::/again.txt",
        variants[v].size, variants[v].options);
}

/* fsck.fat counts clusters by its own walk through the directories. */
static void compare_with_fsck(const struct block_map *m)
{
    unsigned long used = 0, all = 0;
    FILE *f;

    run("fsck.vfat -n fs > fsck.log; sed -n 's/^.* files, \\([0-9]*\\)\\/\\([0-9]*\\) clusters$/\\1 \\2/p' fsck.log > "
        "counts");
    f = fopen(scratch_path("counts"), "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &used, &all), 2);
    fclose(f);
    assert_int_equal(m->count, all);
    assert_int_equal(count_marked(m), used);
}

static void test_variants(void **state)
{
    struct block_map m;

    (void)state;
    make_tree(60);
    for (size_t v = 0; v < sizeof(variants) / sizeof(variants[0]); v++) {
        print_message("  %s\n", variants[v].name);
        make_fs(v);
        read_mapped("fs", variants[v].name, &m);
        assert_string_equal(m.fs_label, "BOOT");
        compare_with_fsck(&m);
        block_map_free(&m);
        copy_used("fs", "copy");
        run("fsck.vfat -n copy > log; rm -rf o1 o2; mkdir o1 o2; mcopy -s -i fs '::/*' o1/; mcopy -s -i copy '::/*' "
            "o2/; "
            "diff -r o1 o2; [ -s o1/again.txt ]");
    }
}

/* Like many EFI system partitions: fewer clusters than the specification's FAT32 has. mtools does not take them. */
static void test_small_fat32(void **state)
{
    struct block_map m;

    (void)state;
    run("rm -f fs; truncate -s 40M fs; mkfs.vfat -F 32 -s 8 fs > log 2>&1");
    read_map("fs", &m);
    assert_false(m.raw);
    compare_with_fsck(&m);
    block_map_free(&m);
}

static void test_doubts(void **state)
{
    (void)state;
    make_tree(30);
    make_fs(3);
    check_raw(POKE("\\377\\377\\377\\003", "$((32 * 512 + 4))"), "differ");
    check_raw(POKE("\\001", "65"), "not cleanly unmounted");
    check_raw("truncate -s 100M changed", "larger than its partition");
    check_raw(POKE("x", "3"), "two boot sectors differ");
    check_raw("fat=$(od -An -tu4 -j36 -N4 fs); for at in $((32 * 512 + 40)) $((32 * 512 + fat * 512 + 40)); do "
              "printf '\\000\\000\\000\\007' | dd of=changed bs=1 conv=notrunc status=none seek=$at; done",
              "leads to");
}

/* A flip anywhere in a FAT that has a mirror is seen, or loses nothing; a flip in the boot sector never does worse than
 * being believed. */
static void test_flipped_bits(void **state)
{
    uint64_t noticed = 0, flips = 0;
    struct block_map m;
    struct damage d;

    (void)state;
    make_tree(30);
    for (size_t v = 0; v < 3; v++) {
        make_fs(v);
        damage_begin(&d, "fs", fs_fat_map);
        for (uint64_t bit = 0; bit < 12000 * 8; bit += bit < 512 * 8 ? 1 : 37) {
            flip(&d, bit);
            flips++;
            noticed += map_damaged(&d, d.disk.size, &m) != 0;
            if (bit / 8 >= variants[v].fat_start && bit / 8 < variants[v].fat_start + 1024 && v != 2)
                assert_int_equal(m.note[0] != 0, 1);
            block_map_free(&m);
            flip(&d, bit);
        }
        damage_end(&d);
    }
    print_message("  %llu flips, %llu noticed\n", (unsigned long long)flips, (unsigned long long)noticed);
    assert_true(noticed > flips / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_small_fat32),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_flipped_bits),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
