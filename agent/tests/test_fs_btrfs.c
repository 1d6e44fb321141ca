/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/le.h"
#include "agent/fs/fs_crc.h"

#include "agent/tests/kernel_fs.h"

#define CHUNKS_MAX 64
#define SUPER 65536u
#define SECOND_SUPER (64u << 20)

static const struct {
    const char *name, *size, *options;
} variants[] = {
    {"defaults", "200M", ""},
    {"metadata once", "200M", "-m single"},
    {"data twice", "300M", "-d dup -m dup"},
    {"mixed", "150M", "--mixed"},
    {"mixed, twice", "200M", "--mixed -d dup -m dup"},
    {"nodes of 4 KiB", "200M", "-n 4096"},
    {"nodes of 64 KiB", "200M", "-n 65536"},
    {"whole metadata extents, holes", "200M", "-O ^no-holes,^skinny-metadata"},
    {"free-space cache", "200M", "-R ^free-space-tree"},
    {"quota", "200M", "-R quota"},
    {"from a directory, odd size", "155555K", "-r tree"},
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static void make_fs(const char *size, const char *options)
{
    run("rm -f fs; truncate -s %s fs; mkfs.btrfs -q %s fs > log", size, options);
}

/* What the tools of btrfs say. */
struct dump {
    struct {
        unsigned long long logical, length, physical[2];
        unsigned copies;
    } chunks[CHUNKS_MAX];
    unsigned count;
    unsigned long long node_size;
};

static void read_dump(struct dump *d)
{
    char line[512];
    const char *p;
    unsigned stripe;
    unsigned long long value;
    FILE *f;

    memset(d, 0, sizeof(*d));
    run("btrfs inspect-internal dump-tree -t chunk fs > chunks; btrfs inspect-internal dump-tree -t extent fs > "
        "extents; "
        "btrfs inspect-internal dump-super fs | awk '$1 == \"nodesize\" {print $2}' > node_size");
    f = fopen(scratch_path("node_size"), "r");
    assert_int_equal(fscanf(f, "%llu", &d->node_size), 1);
    fclose(f);
    f = fopen(scratch_path("chunks"), "r");
    while (fgets(line, sizeof(line), f)) {
        p = strstr(line, "CHUNK_ITEM ");
        if (p && sscanf(p, "CHUNK_ITEM %llu", &value) == 1 && d->count < CHUNKS_MAX)
            d->chunks[d->count++].logical = value;
        else if (d->count && sscanf(line, " length %llu owner", &value) == 1)
            d->chunks[d->count - 1].length = value;
        else if (d->count && sscanf(line, " stripe %u devid 1 offset %llu", &stripe, &value) == 2 && stripe < 2) {
            d->chunks[d->count - 1].physical[stripe] = value;
            d->chunks[d->count - 1].copies = stripe + 1;
        }
    }
    fclose(f);
    assert_in_range(d->count, 1, CHUNKS_MAX - 1);
}

static uint64_t physical(const struct dump *d, uint64_t logical, unsigned copy)
{
    for (unsigned i = 0; i < d->count; i++)
        if (logical >= d->chunks[i].logical && logical - d->chunks[i].logical < d->chunks[i].length)
            return copy < d->chunks[i].copies ? d->chunks[i].physical[copy] + logical - d->chunks[i].logical : 0;
    fail_msg("%llu lies in no chunk", (unsigned long long)logical);
    return 0;
}

static void expect_used(const struct dump *d, uint8_t *used, uint64_t unit, uint64_t logical, uint64_t length)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        uint64_t start = physical(d, logical, copy);
        if (start)
            memset(used + start / unit, 1, (length + unit - 1) / unit);
    }
}

/* The map must have the extents that btrfs's own dump lists, the first 1 MiB and the superblocks, and nothing else. */
static void compare_with_dump(const struct block_map *m)
{
    uint8_t *used = calloc(1, m->count);
    unsigned long long start, length, extents = 0;
    char line[512], type[32];
    struct dump d;
    FILE *f;

    read_dump(&d);
    memset(used, 1, (1 << 20) / m->unit);
    if (m->size > SECOND_SUPER)
        memset(used + SECOND_SUPER / m->unit, 1, 65536 / m->unit);
    f = fopen(scratch_path("extents"), "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        if (sscanf(line, " item %*u key (%llu %31s %llu)", &start, type, &length) != 3)
            continue;
        if (!strcmp(type, "METADATA_ITEM") || !strcmp(type, "EXTENT_ITEM")) {
            expect_used(&d, used, m->unit, start, type[0] == 'M' ? d.node_size : length);
            extents++;
        }
    }
    fclose(f);
    assert_true(extents > 5);
    for (uint64_t i = 0; i < m->count; i++)
        if (fs_map_is_marked(m, i) != used[i])
            fail_msg("unit %llu: %d expected", (unsigned long long)i, used[i]);
    free(used);
}

static void check_fs(const char *name)
{
    struct block_map m;

    read_mapped("fs", name, &m);
    assert_true(m.used < m.size / 2);
    assert_true(m.smallest <= m.size && m.size - m.smallest < 4096);
    compare_with_dump(&m);
    block_map_free(&m);
    copy_used("fs", "copy");
    run("btrfs check --check-data-csum copy > check.log 2>&1; cmp -i %u -n 4096 fs copy", SECOND_SUPER);
}

static void test_variants(void **state)
{
    (void)state;
    make_tree(60);
    for (size_t v = 0; v < VARIANTS; v++) {
        print_message("  %s\n", variants[v].name);
        make_fs(variants[v].size, variants[v].options);
        check_fs(variants[v].name);
        fill_fs(200);
        age_fs();
        check_fs(variants[v].name);
        compare_contents();
    }
}

/* Snapshots that share extents, compression, files deleted in one of them, chunks moved by a balance. */
static void test_shared(void **state)
{
    (void)state;
    make_tree(60);
    make_fs("300M", "");
    fill_fs(50);
    RUN_MOUNTED(
        "mount -o remount,compress=zstd mnt; btrfs -q subvolume snapshot mnt mnt/snap; rm mnt/small*2; seq 500000 "
        "> mnt/squeezed; cp --reflink=always mnt/squeezed mnt/clone; sync -f mnt; btrfs -q balance start "
        "--full-balance mnt; btrfs -q subvolume delete -C mnt/snap; btrfs -q subvolume snapshot -r mnt mnt/ro; "
        "rm mnt/squeezed");
    check_fs("with snapshots");
    compare_contents();
}

/* Nodes then carry another UUID than the superblock shows. */
static void test_changed_uuid(void **state)
{
    (void)state;
    make_tree(20);
    make_fs("200M", "-r tree");
    run("btrfstune -f -m fs > log");
    check_fs("with a new UUID");
}

static void test_image(void **state)
{
    (void)state;
    make_tree(40);
    make_fs("200M", "");
    fill_fs(100);
    age_fs();
    round_trip("8300");
    run("btrfs check --check-data-csum copy > check.log 2>&1");
    compare_contents();
}

/* Far enough out for the third superblock. */
static void test_large(void **state)
{
    const uint64_t third = (256ull << 30) / 4096;
    struct block_map m;

    (void)state;
    make_fs("257G", "");
    read_map("fs", &m);
    assert_false(m.raw);
    assert_true(fs_map_is_marked(&m, third));
    assert_false(fs_map_is_marked(&m, third - 1));
    assert_false(fs_map_is_marked(&m, third + 16));
    block_map_free(&m);
}

/* A crash behind a commit loses nothing; a log of fsync() calls since is not in the map. */
static void test_unclean(void **state)
{
    (void)state;
    make_tree(30);
    make_fs("200M", "");
    fill_fs(50);
    RUN_MOUNTED("rm mnt/small*1; sync -f mnt; cp fs committed; echo text > mnt/a; sync mnt/a; cp fs logged");
    expect_raw("logged", "log was not replayed");
    run("mv committed fs");
    check_fs("committed");
    compare_contents();
}

static void fix_crc(const struct disk_io *d, uint64_t at, uint32_t size)
{
    uint8_t *data = malloc(size);
    struct failure f;
    uint32_t crc;

    assert_int_equal(disk_io_read(d, at, data, size, &f), 0);
    crc = ~fs_crc32c(UINT32_MAX, data + 32, size - 32);
    for (int i = 0; i < 4; i++)
        data[i] = (uint8_t)(crc >> 8 * i);
    assert_int_equal(disk_io_write(d, at, data, size, &f), 0);
    free(data);
}

/* Overwrites part of the superblock or of a node (at byte `at`, of `size` bytes) with a right checksum. */
static void doubt_after(uint64_t at, uint32_t size, uint32_t offset, const void *bytes, size_t count, const char *note)
{
    struct disk_io d;
    struct failure f;

    run("cp fs changed");
    assert_int_equal(disk_io_open(&d, scratch_path("changed"), DISK_IO_WRITE, &f), 0);
    assert_int_equal(disk_io_write(&d, at + offset, bytes, count, &f), 0);
    fix_crc(&d, at, size);
    disk_io_close(&d);
    expect_doubt(fs_btrfs_map, "changed", note);
}

static void super_doubt(uint32_t offset, uint64_t value, size_t count, const char *note)
{
    uint8_t bytes[8];

    le64_write(bytes, value);
    doubt_after(SUPER, 4096, offset, bytes, count, note);
}

static void test_doubts(void **state)
{
    (void)state;
    make_tree(10);
    make_fs("128M", "");
    super_doubt(56, 1 | 4, 8, "with errors");
    super_doubt(56, 1ull << 35, 8, "in the middle of a change");
    super_doubt(80, 4096, 8, "lies in no chunk");
    super_doubt(96, 4096 * 9, 8, "log was not replayed");
    super_doubt(120, 77, 8, "the superblock says 77");
    super_doubt(136, 2, 8, "2 devices");
    super_doubt(144, 512, 4, "sectors of 512");
    super_doubt(148, 1 << 20, 4, "nodes of 1048576");
    super_doubt(160, 5000, 4, "5000 bytes of system chunks");
    super_doubt(160, 100, 4, "is cut off");
    super_doubt(811 + 8, 1, 1, "malformed");
    super_doubt(72, 1, 8, "another generation");
    super_doubt(180, 0x100, 8, "unknown features");
    super_doubt(180, 0xb, 8, "block group tree is missing");
    super_doubt(188, 0x1000, 8, "unknown features 0x1000");
    super_doubt(198, 3, 1, "belongs elsewhere");
    super_doubt(198, 9, 1, "levels");
    super_doubt(201, 2, 8, "another device");
    super_doubt(209, 1ull << 40, 8, "in a partition of");
    super_doubt(209, 2 << 20, 8, "outside of the device");
    super_doubt(811 + 17 + 24, 1 << 7 | 2, 8, "profile 0x80");
    run("cp fs changed; truncate -s 100M changed");
    expect_doubt(fs_btrfs_map, "changed", "in a partition of");
    make_fs("128M", "--csum xxhash");
    expect_raw("fs", "kind of checksum (1)");
    run("rm -f second; truncate -s 128M fs second; mkfs.btrfs -q -f -d raid0 -m raid1 fs second > log");
    expect_raw("fs", "2 devices");
}

static void read_bytes(uint64_t at, void *ret, size_t size)
{
    struct disk_io d;
    struct failure f;

    assert_int_equal(disk_io_open(&d, scratch_path("fs"), DISK_IO_READ, &f), 0);
    assert_int_equal(disk_io_read(&d, at, ret, size, &f), 0);
    disk_io_close(&d);
}

/* Where the root of the extent tree, of more than one level, is on the device. */
static uint64_t make_tall_tree(struct dump *d)
{
    unsigned long long logical;
    FILE *f;

    make_tree(10);
    make_fs("128M", "-n 4096");
    fill_fs(600);
    read_dump(d);
    run("awk '$1 == \"node\" && $3 == \"level\" {print $2; exit}' extents > root");
    f = fopen(scratch_path("root"), "r");
    assert_int_equal(fscanf(f, "%llu", &logical), 1);
    fclose(f);
    return physical(d, logical, 0);
}

static const uint8_t *find_item(const uint8_t *leaf, uint64_t objectid, uint8_t type)
{
    for (uint32_t i = 0; i < le32_read(leaf + 96); i++) {
        const uint8_t *item = leaf + 101 + i * 25;
        if (le64_read(item) == objectid && item[8] == type)
            return leaf + 101 + le32_read(item + 17);
    }
    fail_msg("no item %llu of type %d", (unsigned long long)objectid, type);
    return NULL;
}

/* Moves the block groups of the extent tree's only leaf into another leaf. */
static void move_block_groups(uint8_t *extents, uint8_t *groups, uint32_t node_size)
{
    uint32_t count = 0, data = node_size - 101;

    for (uint32_t i = 0; i < le32_read(extents + 96); i++) {
        uint8_t *item = extents + 101 + i * 25;
        const uint8_t *group = extents + 101 + le32_read(item + 17);
        uint8_t place[8];
        if (item[8] != 192)
            continue;
        data -= 24;
        le64_write(place, data | 24ull << 32);
        memcpy(groups + 101 + count * 25, item, 17);
        memcpy(groups + 101 + count++ * 25 + 17, place, 8);
        memcpy(groups + 101 + data, group, 24);
        item[8] = 193;
    }
    le64_write(groups + 88, 11);
    memset(groups + 96, 0, 5);
    groups[96] = (uint8_t)count;
}

static void write_node(uint64_t at, const uint8_t *node, uint32_t size)
{
    struct disk_io d;
    struct failure f;

    assert_int_equal(disk_io_open(&d, scratch_path("fs"), DISK_IO_WRITE, &f), 0);
    assert_int_equal(disk_io_write(&d, at, node, size, &f), 0);
    fix_crc(&d, at, size);
    disk_io_close(&d);
}

/* Debian 12's mkfs makes no block group tree: one is made here in the place of the free-space tree. */
static void test_block_group_tree(void **state)
{
    static uint8_t super[4096], roots[16384], extents[16384], groups[16384];
    uint64_t roots_at, extents_at, groups_at;
    struct block_map before, after;
    struct dump d;
    uint8_t *root;

    (void)state;
    make_fs("128M", "");
    read_map("fs", &before);
    read_dump(&d);
    read_bytes(SUPER, super, sizeof(super));
    roots_at = physical(&d, le64_read(super + 80), 0);
    read_bytes(roots_at, roots, sizeof(roots));
    extents_at = physical(&d, le64_read(find_item(roots, 2, 132) + 176), 0);
    groups_at = physical(&d, le64_read(find_item(roots, 10, 132) + 176), 0);
    read_bytes(extents_at, extents, sizeof(extents));
    read_bytes(groups_at, groups, sizeof(groups));
    for (root = roots + 101; le64_read(root) != 10; root += 25)
        ;
    root[0] = 11;
    move_block_groups(extents, groups, sizeof(groups));
    super[180] |= 8;
    write_node(SUPER, super, sizeof(super));
    write_node(roots_at, roots, sizeof(roots));
    write_node(extents_at, extents, sizeof(extents));
    write_node(groups_at, groups, sizeof(groups));
    read_map("fs", &after);
    assert_false(after.raw);
    assert_int_equal(after.used, before.used);
    block_map_free(&before);
    block_map_free(&after);
    le64_write(groups + 101 + 17 - 8, 1);
    write_node(groups_at, groups, sizeof(groups));
    expect_raw("fs", "has no chunk");
}

static void test_loops(void **state)
{
    uint8_t node[4096], zero[8] = {0};
    struct dump d;
    uint64_t root, child;

    (void)state;
    root = make_tall_tree(&d);
    read_bytes(root, node, sizeof(node));
    child = physical(&d, le64_read(node + 101 + 17), 0);
    doubt_after(root, 4096, 101 + 33, node + 101, 33, "out of order");
    doubt_after(root, 4096, 101 + 33 + 17, node + 48, 8, "belongs elsewhere");
    doubt_after(root, 4096, 101 + 33 + 17, node + 101 + 17, 8, "begins with another key");
    doubt_after(root, 4096, 101 + 33, zero, 8, "begins with another key");
    doubt_after(root, 4096, 101 + 33 + 25, zero, 8, "another generation");
    doubt_after(root, 4096, 96, "\xff\xff\xff\xff", 4, "too many items");
    doubt_after(root, 4096, 96, zero, 4, "is empty");
    doubt_after(root, 4096, 96, "\1\0\0\0", 4, "its block group says");
    doubt_after(child, 4096, 96, zero, 4, "is empty");
    doubt_after(child, 4096, 100, "\1", 1, "belongs elsewhere");
    doubt_after(child, 4096, 101 + 25 + 17, "\xff\xff\xff\x0f", 4, "lies outside of its node");
    doubt_after(child, 4096, 101 + 2 * 25, zero, 8, "out of order");
}

static void test_flipped_bits_lose_nothing(void **state)
{
    struct damage d;
    struct dump dump;
    uint8_t super[4096];
    uint64_t root;

    (void)state;
    root = make_tall_tree(&dump);
    damage_begin(&d, "fs", fs_btrfs_map);
    flip_range(&d, SUPER, SUPER + 4096, 13);
    flip_range(&d, root, root + 4096, 29);
    read_bytes(SUPER, super, sizeof(super));
    for (int i = 80; i <= 88; i += 8) {
        uint64_t node = physical(&dump, le64_read(super + i), 0);
        flip_range(&d, node, node + 4096, 101);
    }
    flip_range(&d, root - 65536, root + 65536, 5003);
    truncate_everywhere(&d, 65536 + 4096);
    print_message("  %llu flips, %llu noticed\n", (unsigned long long)d.flips, (unsigned long long)d.noticed);
    assert_true(d.noticed > d.flips / 2);
    damage_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_changed_uuid),
        cmocka_unit_test(test_block_group_tree),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_unclean),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_flipped_bits_lose_nothing),
    };

    return cmocka_run_group_tests(tests, kernel_fs_setup, scratch_teardown);
}
