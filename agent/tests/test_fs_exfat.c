/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"
#include "agent/base/le.h"

#include "agent/tests/fs_fixture.h"

static const struct {
    const char *name, *size, *options;
    unsigned sector; /* bytes */
} variants[] = {
    {"clusters of 4 KiB", "48M", "-c 4K", 512},
    {"clusters of 512 bytes", "8M", "-c 512", 512},
    {"clusters of 32 KiB", "96M", "-c 32K", 512},
    {"clusters of 1 MiB", "160M", "-c 1M", 512},
    {"bitmap packed before the clusters", "64M", "--pack-bitmap", 512},
    {"sectors of 4096 bytes", "64M", "", 4096},
    {"odd number of sectors", "30001K", "", 512},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* Runs commands with the volume mounted at mnt, and waits for the file system's own process: it writes after umount. It
 * mounts nothing but block devices. */
static void mounted(const char *name, const char *options, const char *commands)
{
    run("mkdir -p mnt; loop=$(losetup --show -f %s); mount.exfat-fuse -d -o %s $loop mnt > mount.log 2>&1 & pid=$!; "
        "for i in $(seq 200); do mountpoint -q mnt && break; sleep 0.02; done; "
        "set +e; (set -e; mountpoint -q mnt; %s); result=$?; umount mnt; wait $pid; losetup -d $loop; exit $result",
        name, options, commands);
}

static void make_fs(size_t v)
{
    run("rm -f fs; truncate -s %s fs; loop=$(losetup --show -f -b %u fs); result=0; "
        "mkfs.exfat -L DATA %s $loop > log 2>&1 || result=1; losetup -d $loop; exit $result",
        variants[v].size, variants[v].sector, variants[v].options);
    mounted("fs", "rw", "cp -r tree mnt/");
}

/* Holes, files in pieces (which exFAT chains through its FAT), a directory of several clusters. */
static void age_fs(void)
{
    mounted("fs", "rw",
            "for i in $(seq 2 3 60); do rm -f mnt/tree/file$i.txt; done; seq 90000 > mnt/late.txt; "
            "for i in $(seq 40); do head -c 4096 /dev/urandom >> mnt/pieces; head -c 4096 /dev/zero > mnt/gap$i; done; "
            "rm mnt/gap*[02468]; mkdir mnt/many; touch $(seq -f mnt/many/a-name-that-takes-two-entries-%g 100)");
}

/* dump.exfat counts the bitmap's bits; fsck.exfat walks through all directories. */
static void compare_with_dump(const struct block_map *m, const char *name)
{
    unsigned long all = 0, unused = 0;
    FILE *f;

    run("fsck.exfat -n %s > fsck.log 2>&1; grep -q clean fsck.log; dump.exfat %s > dump.log; "
        "sed -n 's/^\\(Total\\|Free\\) Clusters:[^0-9]*//p' dump.log > counts",
        name, name);
    f = fopen(scratch_path("counts"), "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &all, &unused), 2);
    fclose(f);
    assert_int_equal(m->count, all);
    assert_int_equal(count_marked(m), all - unused);
}

static void check_round_trip(void)
{
    copy_used("fs", "copy");
    run("fsck.exfat -n copy > fsck.log 2>&1; grep -q clean fsck.log; rm -rf o1 o2; mkdir o1 o2");
    mounted("fs", "ro", "cp -r mnt/. o1/");
    mounted("copy", "ro", "cp -r mnt/. o2/");
    run("diff -r o1 o2; [ -s o1/tree/file1.txt ]");
}

static void test_variants(void **state)
{
    struct block_map m;

    (void)state;
    make_tree(50);
    for (size_t v = 0; v < VARIANTS; v++) {
        print_message("  %s\n", variants[v].name);
        make_fs(v);
        if (v < 2)
            age_fs();
        read_mapped("fs", variants[v].name, &m);
        assert_string_equal(m.fs_type, "exfat");
        assert_string_equal(m.fs_label, "DATA");
        assert_int_equal(m.smallest, m.size / variants[v].sector * variants[v].sector);
        compare_with_dump(&m, "fs");
        block_map_free(&m);
        check_round_trip();
    }
}

/* A volume of 2 MiB with clusters of 4 KiB, and where its parts lie, bytes. */
static struct volume {
    uint64_t fat, fat_size, heap, bitmap, root;
    uint32_t clusters;
} volume;

#define CLUSTER 4096ull

static void make_small_fs(void)
{
    uint8_t boot[512], entry[32];

    make_tree(30);
    run("rm -f fs; truncate -s 4M fs; mkfs.exfat -c 4K -b 64K -L DATA fs > log");
    mounted("fs", "rw",
            "cp tree/file*.txt mnt/; rm mnt/file2*.txt; cp tree/sub/deep/file3.txt mnt/; mkdir mnt/d; "
            "cp tree/file2*.txt mnt/d; seq 6000 > mnt/long");
    run("cp fs changed");
    peek(0, boot, sizeof(boot));
    volume.fat = le32_read(boot + 80) * 512ull;
    volume.fat_size = le32_read(boot + 84) * 512ull;
    volume.heap = le32_read(boot + 88) * 512ull;
    volume.clusters = le32_read(boot + 92);
    volume.root = volume.heap + (le32_read(boot + 96) - 2) * CLUSTER;
    for (uint64_t at = volume.root; entry[0] = 0, peek(at, entry, sizeof(entry)), entry[0] != 0x81; at += 32)
        assert_true(entry[0] != 0);
    volume.bitmap = volume.heap + (le32_read(entry + 20) - 2) * CLUSTER;
}

/* Writes the checksum of the boot region: for changes that a program could have made. */
static void write_checksum(void)
{
    uint8_t region[11 * 512], sums[512];
    uint32_t sum = 0;

    peek(0, region, sizeof(region));
    for (size_t i = 0; i < sizeof(region); i++)
        if (i != 106 && i != 107 && i != 112)
            sum = (sum << 31 | sum >> 1) + region[i];
    for (size_t i = 0; i < sizeof(sums); i++)
        sums[i] = (uint8_t)(sum >> 8 * (i % 4));
    poke(sizeof(region), sums, sizeof(sums));
}

static void test_doubts(void **state)
{
    static const uint8_t zero[32], two[4] = {2}, far[4] = {0, 0, 0, 1};
    uint8_t entry[32], bits;

    (void)state;
    make_small_fs();
    check_map("unchanged", false, "");
    poke(106, "\2", 1);
    check_map("VolumeDirty", true, "not cleanly unmounted");
    poke(106, "\1", 1);
    check_map("ActiveFat", true, "active FAT does not exist");
    poke(106, "\4", 1);
    check_map("MediaFailure", false, "");
    run("cp fs changed");
    poke(300, "x", 1);
    check_map("boot code", true, "checksum of the boot region");
    write_checksum();
    check_map("boot code with checksum", false, "");
    poke(92, far, 4);
    write_checksum();
    check_map("count of clusters", true, "overlap or leave the volume");
    run("cp fs changed");
    poke(volume.root + 32, zero, 32);
    check_map("directory ends early", true, "does not name its bitmap");
    run("cp fs changed");
    for (uint64_t at = volume.root; peek(at, entry, 32), entry[0] != 0x82; at += 32)
        ;
    poke(volume.heap + (le32_read(entry + 20) - 2) * CLUSTER + 100, "x", 1);
    check_map("up-case table", true, "checksum of the up-case table");
    run("cp fs changed");
    peek(volume.bitmap + 1, &bits, 1);
    bits &= 0xfe;
    poke(volume.bitmap + 1, &bits, 1);
    check_map("bitmap", true, "the bitmap calls it free");
    run("cp fs changed");
    for (uint64_t at = volume.root;; at += 32) { /* the first file's entry after 0x85 */
        peek(at, entry, 32);
        if (entry[0] != 0xc0)
            continue;
        poke(at + 20, two, 4);
        break;
    }
    check_map("two files", true, "belongs to two files");
    run("cp fs changed");
    poke(volume.fat + (volume.root - volume.heap) / CLUSTER * 4 + 8, far, 4);
    check_map("chain leads nowhere", true, "which does not exist");
}

/* TexFAT, as the specification has it: a second FAT behind the first, a second bitmap, a flag that says which are in
 * force. Made from a volume that has room behind its FAT. */
static void test_two_fats(void **state)
{
    uint8_t fat[4096], bitmap[4096], entry[32] = {0x81, 1};
    uint32_t unused = 0;
    uint64_t end;
    struct block_map m;

    (void)state;
    make_small_fs();
    assert_true(volume.fat_size <= sizeof(fat) && volume.fat + 2 * volume.fat_size <= volume.heap);
    peek(volume.fat, fat, (size_t)volume.fat_size);
    peek(volume.bitmap, bitmap, sizeof(bitmap));
    while (bitmap[unused / 8] >> unused % 8 & 1)
        unused++;
    memset(fat + (unused + 2) * 4, 0xff, 4);
    poke(volume.fat, fat, (size_t)volume.fat_size);
    poke(volume.fat + volume.fat_size, fat, (size_t)volume.fat_size);
    bitmap[unused / 8] |= (uint8_t)(1 << unused % 8);
    poke(volume.bitmap, bitmap, sizeof(bitmap));
    bitmap[(volume.clusters - 1) / 8] |= (uint8_t)(1 << (volume.clusters - 1) % 8);
    poke(volume.heap + unused * CLUSTER, bitmap, sizeof(bitmap));
    for (end = volume.root; peek(end, entry, 1), entry[0] != 0; end += 32)
        ;
    entry[0] = 0x81;
    entry[20] = (uint8_t)(unused + 2);
    entry[21] = (uint8_t)((unused + 2) >> 8);
    entry[24] = (uint8_t)((volume.clusters + 7) / 8);
    poke(end, entry, sizeof(entry));
    poke(110, "\2", 1);
    write_checksum();
    for (unsigned active = 0; active < 2; active++) {
        poke(106, active ? "\1" : "\0", 1);
        read_mapped("changed", "changed", &m);
        assert_true(fs_map_is_marked(&m, unused));
        assert_true(fs_map_is_marked(&m, volume.clusters - 1)); /* in the second bitmap alone */
        block_map_free(&m);
    }
    memset(fat, 0, sizeof(fat));
    poke(volume.fat, fat, (size_t)volume.fat_size);
    check_map("the first FAT does not count", false, "");
    poke(106, "\0", 1);
    check_map("the first FAT is gone", true, "exFAT: ");
}

static void test_larger_partition_and_truncation(void **state)
{
    struct block_map m;
    uint64_t start, end;

    (void)state;
    make_small_fs();
    run("truncate -s 12M changed");
    read_map("changed", &m);
    assert_false(m.raw);
    assert_int_equal(m.smallest, 4 << 20);
    assert_false(block_map_next(&m, 4 << 20, 11 << 20, &start, &end));
    assert_int_equal(m.tail, 1 << 20);
    block_map_free(&m);
    truncate_changed(4 << 20);
}

static void test_flipped_bits_lose_nothing(void **state)
{
    struct damage d;
    uint64_t before, used;

    (void)state;
    make_small_fs();
    damage_begin(&d, "changed", fs_exfat_map);
    used = count_marked(&d.whole);
    flip_range(&d, 0, 128, 1);
    assert_in_range(d.noticed, 128 * 8 - 3 * 8, 128 * 8);
    flip_range(&d, 128, 12 * 512, 61);
    flip_range(&d, volume.fat, volume.fat + volume.fat_size, 11);
    flip_range(&d, volume.root, volume.root + 2048, 1);
    before = d.noticed;
    flip_range(&d, volume.bitmap, volume.bitmap + (volume.clusters + 7) / 8, 1);
    assert_int_equal(d.noticed - before, used); /* each used cluster that became free, and no other */
    print_message("  %llu flips, %llu noticed\n", (unsigned long long)d.flips, (unsigned long long)d.noticed);
    damage_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_two_fats),
        cmocka_unit_test(test_larger_partition_and_truncation),
        cmocka_unit_test(test_flipped_bits_lose_nothing),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
