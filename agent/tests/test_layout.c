/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where partitions go, as numbers of MiB. */
#include "agent/layout/layout.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)
#define BACKUP (33 * 512)

struct part {
    unsigned number, start, size; /* MiB */
    const char *fs;               /* "": none; "raw ext4": taken raw */
    const char *type;             /* "": Linux */
    unsigned used;                /* MiB */
};

/* What is expected of each partition, MiB; written: 0 when it is kept. */
struct place {
    unsigned number, start, size, written;
};

#define ESP "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define BIOS_BOOT "21686148-6449-6E6F-744E-656564454649"
#define RECOVERY "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC"
#define LINUX "0FC63DAF-8483-4772-8E79-3D69D8477DE4"

static struct manifest *image, *kept;
static struct layout layout;

static void fill(struct manifest *m, uint64_t disk_size, const struct part *parts)
{
    memset(m, 0, sizeof(*m));
    strcpy(m->name, "image");
    strcpy(m->table, "gpt");
    m->disk_size = disk_size;
    m->sector_size = 512;
    m->boot_size = MIB;
    for (; parts->number; parts++) {
        struct manifest_partition *p = &m->partitions[m->count++];
        bool raw = !strncmp(parts->fs, "raw ", 4);
        p->number = parts->number;
        p->start = parts->start * MIB;
        p->size = parts->size * MIB;
        p->has_fs = parts->fs[0];
        p->raw = raw;
        p->fs_used = parts->used * MIB;
        snprintf(p->fs_type, sizeof(p->fs_type), "%s", parts->fs + (raw ? 4 : 0));
        snprintf(p->type, sizeof(p->type), "%s", parts->type[0] ? parts->type : LINUX);
        snprintf(p->uuid, sizeof(p->uuid), "%s-%u", m == kept ? "target" : "image", parts->number);
    }
}

static int make(uint64_t size, const struct deploy_layout *options, struct failure *f)
{
    const struct layout_target target = {
        .name = "target", .size = size, .kept = options && options->keep ? kept : NULL};

    return layout_make(image, &target, options, &layout, f);
}

static void expect(uint64_t size, const struct deploy_layout *options, const struct place *places)
{
    struct failure f;
    unsigned i = 0;

    if (make(size, options, &f))
        fail_msg("%s: %s", f.reason, f.message);
    for (; places->number; places++, i++) {
        const struct manifest_partition *p = &image->partitions[i];
        if (i >= image->count || p->number != places->number || p->start != places->start * MIB ||
            p->size != places->size * MIB || layout.list[i].source_size != places->written * MIB)
            fail_msg("partition %u: number %u, %" PRIu64 " + %" PRIu64 " of %" PRIu64 " bytes", i, p->number, p->start,
                     p->size, layout.list[i].source_size);
    }
    assert_int_equal(i, image->count);
}

static void refuse(uint64_t size, const struct deploy_layout *options, const char *reason, const char *part)
{
    struct failure f;

    assert_int_equal(make(size, options, &f), -1);
    if (strcmp(f.reason, reason) || !strstr(f.message, part))
        fail_msg("%s: %s (expected %s: ...%s...)", f.reason, f.message, reason, part);
}

static const struct part debian[] = {
    {1, 1, 100, "vfat", ESP, 5}, {2, 101, 800, "ext4", "", 200}, {3, 901, 98, "swap", "", 0}, {0}};
static const struct part windows[] = {{1, 1, 100, "vfat", ESP, 30},
                                      {2, 101, 16, "", "", 0},
                                      {3, 117, 1000, "ntfs", "", 600},
                                      {4, 1117, 500, "ntfs", RECOVERY, 450},
                                      {0}};

static void test_same_size(void **state)
{
    (void)state;
    fill(image, 1000 * MIB, debian);
    expect(1000 * MIB, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, 800, 800}, {3, 901, 98, 98}, {0}});
    /* Smaller, but the partitions end before that. */
    fill(image, 2000 * MIB, debian);
    expect(999 * MIB + BACKUP, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, 800, 800}, {3, 901, 98, 98}, {0}});
}

static void test_larger(void **state)
{
    const struct deploy_layout none = {.grow = DEPLOY_GROW_NONE}, first = {.grow = 1}, last = {.grow = 3};

    (void)state;
    fill(image, 1000 * MIB, debian);
    expect(2000 * MIB, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, 1800, 800}, {3, 1901, 98, 98}, {0}});
    fill(image, 1000 * MIB, debian);
    expect(2000 * MIB, &none, (struct place[]){{1, 1, 100, 100}, {2, 101, 800, 800}, {3, 901, 98, 98}, {0}});
    fill(image, 1000 * MIB, debian);
    expect(2000 * MIB, &first, (struct place[]){{1, 1, 1100, 100}, {2, 1101, 800, 800}, {3, 1901, 98, 98}, {0}});
    fill(image, 1000 * MIB, debian);
    expect(2000 * MIB, &last, (struct place[]){{1, 1, 100, 100}, {2, 101, 800, 800}, {3, 901, 1098, 98}, {0}});
    /* Not a whole MiB more. */
    fill(image, 1000 * MIB, debian);
    expect(1000 * MIB + 4096, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, 800, 800}, {3, 901, 98, 98}, {0}});
    fill(image, 1618 * MIB, windows);
    expect(3000 * MIB, NULL,
           (struct place[]){{1, 1, 100, 100}, {2, 101, 16, 16}, {3, 117, 2382, 1000}, {4, 2499, 500, 500}, {0}});
}

/* The free space of the source is given away only when asked for. */
static void test_asked_for(void **state)
{
    const struct deploy_layout root = {.grow = 2}, absent = {.grow = 9};

    (void)state;
    fill(image, 2000 * MIB, debian);
    expect(2000 * MIB, &root, (struct place[]){{1, 1, 100, 100}, {2, 101, 1800, 800}, {3, 1901, 98, 98}, {0}});
    refuse(2000 * MIB, &absent, "bad-layout", "partition 9 is to grow");
}

static void test_what_grows_by_itself(void **state)
{
    static const struct {
        struct part second;
        unsigned size; /* of the second, on a disk of 2000 MiB */
    } cases[] = {
        {{2, 101, 100, "xfs", "", 0}, 1898},
        {{2, 101, 100, "btrfs", "", 0}, 1898},
        {{2, 101, 100, "ext2", "", 0}, 1898},
        {{2, 101, 100, "ntfs", "", 0}, 1898},
        {{2, 101, 100, "vfat", "", 0}, 100},
        {{2, 101, 100, "LVM2_member", "", 0}, 1898},
        {{2, 101, 100, "raw LVM2_member", "", 0}, 100},
        {{2, 101, 100, "raw crypto_LUKS", "", 0}, 1898},
        {{2, 101, 100, "raw BitLocker", "", 0}, 100},
        {{2, 101, 100, "", "", 0}, 100},
        {{2, 101, 100, "raw ext4", "", 0}, 100},
        {{2, 101, 100, "ntfs", RECOVERY, 0}, 100},
        {{2, 101, 100, "ntfs", "0x27", 0}, 100},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct part parts[] = {{1, 1, 100, "vfat", ESP, 0}, cases[i].second, {0}};
        fill(image, 300 * MIB, parts);
        expect(2000 * MIB, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, cases[i].size, 100}, {0}});
    }
}

/* A /boot is not what a disk is made larger for. */
static void test_a_larger_one_behind(void **state)
{
    static const struct {
        const char *fs;
        unsigned boot, rest; /* their sizes then, MiB, of 100 and 600 */
    } cases[] = {{"LVM2_member", 100, 1299},  {"raw crypto_LUKS", 100, 1299}, {"raw zfs_member", 100, 600},
                 {"raw BitLocker", 100, 600}, {"raw LVM2_member", 100, 600},  {"vfat", 100, 600},
                 {"swap", 799, 600}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct part parts[] = {{1, 1, 100, "ext4", "", 0}, {2, 101, 600, cases[i].fs, "", 0}, {0}};
        fill(image, 702 * MIB, parts);
        expect(1401 * MIB, NULL,
               (struct place[]){{1, 1, cases[i].boot, 100}, {2, 1 + cases[i].boot, cases[i].rest, 600}, {0}});
    }
    const struct part last[] = {{1, 1, 600, "ext4", "", 0}, {2, 601, 100, "vfat", "", 0}, {0}};
    fill(image, 702 * MIB, last);
    expect(1401 * MIB, NULL, (struct place[]){{1, 1, 1299, 600}, {2, 1300, 100, 100}, {0}});
}

static void test_what_does_not_move(void **state)
{
    const struct part parts[] = {{1, 1, 100, "ext4", "", 0},
                                 {3, 110, 50, "swap", "", 0},
                                 {2, 200, 1, "", BIOS_BOOT, 0},
                                 {4, 201, 10, "", "", 0},
                                 {0}};

    (void)state;
    fill(image, 300 * MIB, parts);
    expect(2000 * MIB, NULL,
           (struct place[]){{1, 1, 140, 100}, {3, 150, 50, 50}, {2, 200, 1, 1}, {4, 201, 10, 10}, {0}});
    /* The active partition of an MBR, which ends where the disk does. */
    fill(image, 211 * MIB, parts);
    strcpy(image->table, "mbr");
    strcpy(image->partitions[2].type, "0x83");
    image->partitions[2].attributes = 0x80;
    expect(211 * MIB, NULL,
           (struct place[]){{1, 1, 100, 100}, {3, 110, 50, 50}, {2, 200, 1, 1}, {4, 201, 10, 10}, {0}});
    image->disk_size = 100 * MIB;
    expect(211 * MIB, NULL,
           (struct place[]){{1, 1, 140, 100}, {3, 150, 50, 50}, {2, 200, 1, 1}, {4, 201, 10, 10}, {0}});
}

static void test_smaller(void **state)
{
    (void)state;
    fill(image, 1000 * MIB, debian);
    expect(500 * MIB, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, 300, 800}, {3, 401, 98, 98}, {0}});
    /* 200 used, 25 more and 8: 233 at least, and the backup table behind 98 of swap. */
    fill(image, 1000 * MIB, debian);
    expect(432 * MIB + BACKUP, NULL, (struct place[]){{1, 1, 100, 100}, {2, 101, 233, 800}, {3, 334, 98, 98}, {0}});
    fill(image, 1000 * MIB, debian);
    refuse(432 * MIB + BACKUP - 512, NULL, "target-too-small",
           "partition 2 (ext4, 838860800 bytes, 209715200 used) can be shrunk to 244318208");
    fill(image, 1000 * MIB, debian);
    refuse(0, NULL, "target-too-small", "target has 0 bytes");
    /* C: has most to give, the recovery partition nothing. */
    fill(image, 1618 * MIB, windows);
    expect(1400 * MIB, NULL,
           (struct place[]){{1, 1, 100, 100}, {2, 101, 16, 16}, {3, 117, 782, 1000}, {4, 899, 500, 500}, {0}});
}

static void test_several_shrink(void **state)
{
    const struct part parts[] = {
        {1, 1, 400, "ext4", "", 100}, {2, 401, 50, "vfat", "", 1}, {3, 451, 500, "ext3", "", 80}, {0}};

    (void)state;
    fill(image, 952 * MIB, parts);
    /* Partition 3 can give 402 and does, partition 1 the remaining 98. */
    expect(452 * MIB, NULL, (struct place[]){{1, 1, 302, 400}, {2, 303, 50, 50}, {3, 353, 98, 500}, {0}});
}

/* What stands before a partition that must not move keeps its size; such a one itself, and what is behind it, may give.
 */
static void test_what_does_not_move_to_the_front(void **state)
{
    const struct part behind[] = {{1, 1, 400, "ext4", "", 10}, {2, 401, 1, "", BIOS_BOOT, 0}, {0}};
    const struct part between[] = {
        {1, 1, 400, "ext4", "", 10}, {2, 401, 1, "", BIOS_BOOT, 0}, {3, 402, 300, "ext4", "", 100}, {0}};
    const struct part active[] = {{1, 1, 400, "ntfs", "", 10}, {2, 401, 300, "ntfs", "", 100}, {0}};

    (void)state;
    fill(image, 500 * MIB, behind);
    refuse(300 * MIB, NULL, "target-too-small", "nothing before partition 2 can be shrunk, which must not move");
    /* Partition 1 could give more. */
    fill(image, 800 * MIB, between);
    expect(603 * MIB, NULL, (struct place[]){{1, 1, 400, 400}, {2, 401, 1, 1}, {3, 402, 200, 300}, {0}});
    fill(image, 800 * MIB, between);
    refuse(450 * MIB, NULL, "target-too-small", "partition 3 (ext4");
    fill(image, 800 * MIB, active);
    strcpy(image->table, "mbr");
    image->partitions[1].attributes = 0x80;
    expect(600 * MIB, NULL, (struct place[]){{1, 1, 400, 400}, {2, 401, 199, 300}, {0}});
    fill(image, 800 * MIB, active);
    strcpy(image->table, "mbr");
    image->partitions[0].attributes = 0x80;
    expect(600 * MIB, NULL, (struct place[]){{1, 1, 299, 400}, {2, 300, 300, 300}, {0}});
}

static void test_what_cannot_shrink(void **state)
{
    static const char *const types[] = {"xfs", "btrfs", "vfat", "exfat", "LVM2_member", "", "raw ext4", "raw ntfs"};

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct part parts[] = {{1, 1, 500, types[i], "", 1}, {0}};
        fill(image, 600 * MIB, parts);
        refuse(400 * MIB, NULL, "target-too-small", "no partition can be shrunk (the last is 1, ");
    }
}

/* A size that is no whole MiB becomes one when it shrinks, and nothing behind it comes too late. */
static void test_odd_sizes(void **state)
{
    struct failure f;

    (void)state;
    fill(image, 1000 * MIB, debian);
    image->partitions[1].start += 512;
    image->partitions[1].size -= 512 * 5;
    if (make(500 * MIB + 512 * 7, NULL, &f))
        fail_msg("%s: %s", f.reason, f.message);
    assert_int_equal(image->partitions[1].size % CHUNK_SIZE, 0);
    assert_true(image->partitions[1].start + image->partitions[1].size <= image->partitions[2].start);
    assert_true(image->partitions[2].start + image->partitions[2].size + BACKUP <= 500 * MIB + 512 * 7);
    assert_int_equal(image->partitions[2].start % MIB, 0);
}

static void test_keep(void **state)
{
    const struct part target[] = {{1, 1, 50, "", "", 0}, {5, 1200, 300, "", "", 0}, {3, 1600, 98, "", "", 0}, {0}};
    const unsigned both[] = {3, 5}, five[] = {5}, one[] = {1}, absent[] = {7};
    struct deploy_layout o = {.keep = both, .keep_count = 2};
    struct failure f;

    (void)state;
    fill(image, 1000 * MIB, debian);
    fill(kept, 2000 * MIB, target);
    assert_int_equal(layout_select_kept(kept, &o, &f), 0);
    /* The image's swap has the number of a kept one, and the root grows up to the first of them. */
    expect(2000 * MIB, &o,
           (struct place[]){{1, 1, 100, 100}, {2, 101, 1099, 800}, {5, 1200, 300, 0}, {3, 1600, 98, 0}, {0}});
    assert_string_equal(image->partitions[3].uuid, "target-3");
    o = (struct deploy_layout){.keep = five, .keep_count = 1, .grow = DEPLOY_GROW_NONE};
    fill(image, 1000 * MIB, debian);
    assert_int_equal(layout_select_kept(kept, &o, &f), 0);
    expect(2000 * MIB, &o,
           (struct place[]){{1, 1, 100, 100}, {2, 101, 800, 800}, {3, 901, 98, 98}, {5, 1200, 300, 0}, {0}});
    o = (struct deploy_layout){.keep = absent, .keep_count = 1};
    assert_int_equal(layout_select_kept(kept, &o, &f), -1);
    assert_string_equal(f.reason, "bad-layout");
    /* The image's root begins inside of what is to be kept. */
    fill(kept, 2000 * MIB, target);
    kept->partitions[0].size = 150 * MIB;
    o = (struct deploy_layout){.keep = one, .keep_count = 1};
    assert_int_equal(layout_select_kept(kept, &o, &f), 0);
    fill(image, 1000 * MIB, debian);
    refuse(2000 * MIB, &o, "bad-layout", "lie over each other");
    o.grow = 1;
    fill(image, 1000 * MIB, debian);
    refuse(2000 * MIB, &o, "bad-layout", "partition 1 is to grow");
}

/* A kept partition behind the start of the image's last one: that shrinks up to it, or the deploy is refused. */
static void test_keep_shrinks(void **state)
{
    const struct part target[] = {{9, 950, 300, "", "", 0}, {0}}, root[] = {{1, 1, 998, "ext4", "", 100}, {0}};
    const struct part data[] = {{1, 1, 998, "xfs", "", 100}, {0}};
    const unsigned nine[] = {9};
    const struct deploy_layout o = {.keep = nine, .keep_count = 1};

    (void)state;
    fill(kept, 2000 * MIB, target);
    fill(image, 1000 * MIB, root);
    expect(2000 * MIB, &o, (struct place[]){{1, 1, 949, 998}, {9, 950, 300, 0}, {0}});
    fill(image, 1000 * MIB, data);
    refuse(2000 * MIB, &o, "target-too-small", "no partition can be shrunk");
    fill(kept, 2000 * MIB, target);
    kept->partitions[0].start = MIB / 2;
    kept->partitions[0].size = MIB / 4;
    fill(image, 1000 * MIB, root);
    refuse(2000 * MIB, &o, "bad-layout", "boot area");
}

static void test_no_partitions(void **state)
{
    (void)state;
    fill(image, 1000 * MIB, (struct part[]){{0}});
    expect(10 * MIB, NULL, (struct place[]){{0}});
}

/* Wherever the kept one is: what the image has there goes before it, and what grows ends there. */
static void test_keep_in_between(void **state)
{
    const struct part swap_place[] = {{9, 850, 100, "", "", 0}, {0}}, gap[] = {{9, 905, 50, "", "", 0}, {0}};
    const struct part wide[] = {
        {1, 1, 100, "vfat", ESP, 5}, {2, 101, 800, "ext4", "", 200}, {3, 960, 30, "swap", "", 0}, {0}};
    const unsigned nine[] = {9};
    const struct deploy_layout o = {.keep = nine, .keep_count = 1};

    (void)state;
    fill(kept, 2000 * MIB, swap_place);
    fill(image, 1000 * MIB, debian);
    expect(2000 * MIB, &o,
           (struct place[]){{1, 1, 100, 100}, {2, 101, 651, 800}, {3, 752, 98, 98}, {9, 850, 100, 0}, {0}});
    fill(kept, 2000 * MIB, gap);
    fill(image, 1000 * MIB, wide);
    expect(2000 * MIB, &o,
           (struct place[]){{1, 1, 100, 100}, {2, 101, 804, 800}, {9, 905, 50, 0}, {3, 960, 30, 30}, {0}});
}

/* Any disk, on any other: what comes out fits, in order, nothing is smaller than it may be, and what must not move has
 * not. */
static void check_result(const struct manifest *before, uint64_t size, unsigned seed)
{
    uint64_t free_from = MIB;

    for (unsigned i = 0; i < image->count; i++) {
        const struct manifest_partition *p = &image->partitions[i], *old = &before->partitions[i];
        uint64_t least =
            layout_can_shrink(old) && layout_least_size(old) < old->size ? layout_least_size(old) : old->size;
        if (p->start < free_from || p->size % 512 || p->start % 512 || p->number != old->number ||
            layout.list[i].source_size != old->size || layout.list[i].source_start != old->start || p->size < least ||
            (p->size < old->size && p->size % CHUNK_SIZE) || (!strcmp(p->type, BIOS_BOOT) && p->start != old->start))
            fail_msg("seed %u: partition %u is at %" PRIu64 ", %" PRIu64 " bytes", seed, p->number, p->start, p->size);
        free_from = p->start + p->size;
    }
    if (free_from + BACKUP > size)
        fail_msg("seed %u: the last partition ends at %" PRIu64 " of %" PRIu64, seed, free_from, size);
}

static void make_any(unsigned seed)
{
    static const char *const types[] = {"ext4", "ntfs", "xfs", "vfat", "", "raw ext3", "swap"};
    struct part parts[9] = {{0}};
    unsigned count = 1 + (unsigned)rand() % 8, at = 1;

    for (unsigned i = 0; i < count; i++) {
        unsigned size = 1 + (unsigned)rand() % 400;
        parts[i] =
            (struct part){i + 1, at, size, types[rand() % 7], rand() % 10 ? "" : BIOS_BOOT, (unsigned)rand() % size};
        at += size + (unsigned)rand() % 3;
    }
    fill(image, (at + 1 + (unsigned)rand() % 50) * MIB, parts);
    for (unsigned i = 0; i < count && seed % 2; i++) {
        image->partitions[i].start += 512 * (unsigned)(rand() % 1024);
        image->partitions[i].size -= 512 * (1024 + (unsigned)(rand() % 1000));
        image->partitions[i].size += image->partitions[i].size > MIB * 400 ? MIB : 0;
    }
}

static void test_any(void **state)
{
    struct manifest *before = malloc(sizeof(*before));
    unsigned done = 0;

    (void)state;
    for (unsigned seed = 1; seed <= 20000; seed++) {
        struct deploy_layout o = {.grow = -1 + rand() % 4};
        struct failure f;
        uint64_t size;
        srand(seed);
        make_any(seed);
        size = image->disk_size / 2 + (uint64_t)rand() % image->disk_size / 512 * 512;
        memcpy(before, image, sizeof(*before));
        if (make(size, &o, &f)) {
            assert_true(!strcmp(f.reason, "target-too-small") || !strcmp(f.reason, "bad-layout"));
            continue;
        }
        check_result(before, size, seed);
        done++;
    }
    assert_in_range(done, 10000, 19999);
    free(before);
}

static int setup(void **state)
{
    (void)state;
    image = calloc(1, sizeof(*image));
    kept = calloc(1, sizeof(*kept));
    return image && kept ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(image);
    free(kept);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_size),
        cmocka_unit_test(test_larger),
        cmocka_unit_test(test_asked_for),
        cmocka_unit_test(test_what_grows_by_itself),
        cmocka_unit_test(test_a_larger_one_behind),
        cmocka_unit_test(test_what_does_not_move),
        cmocka_unit_test(test_smaller),
        cmocka_unit_test(test_several_shrink),
        cmocka_unit_test(test_what_cannot_shrink),
        cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_keep_shrinks),
        cmocka_unit_test(test_keep_in_between),
        cmocka_unit_test(test_what_does_not_move_to_the_front),
        cmocka_unit_test(test_no_partitions),
        cmocka_unit_test(test_any),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
