/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the readers of file systems expect of a map, and damage to the file systems. */
#ifndef SLIPWAY_AGENT_TESTS_FS_FIXTURE_H
#define SLIPWAY_AGENT_TESTS_FS_FIXTURE_H

#include "agent/tests/imaging_fixture.h"

/* Maps a file system that must not be taken raw. `what` names it when the test fails. */
static inline void read_mapped(const char *name, const char *what, struct block_map *m)
{
    read_map(name, m);
    if (m->raw)
        fail_msg("%s is taken raw: %s", what, m->note);
}

/* Maps a file system that must be taken raw, with this in the note, or must not. */
static inline void check_map_of(const char *name, const char *what, bool raw, const char *note)
{
    struct block_map m;

    read_map(name, &m);
    if (m.raw != raw || !strstr(m.note, note))
        fail_msg("%s: raw %d, \"%s\" (expected %d, \"%s\")", what, m.raw, m.note, raw, note);
    if (raw)
        assert_int_equal(m.used, m.size);
    block_map_free(&m);
}

static inline void expect_raw(const char *name, const char *note)
{
    check_map_of(name, name, true, note);
}

static inline void expect_mapped(const char *name)
{
    check_map_of(name, name, false, "");
}

/* What tests change is a copy of `fs`, `changed`. */
static inline void check_map(const char *what, bool raw, const char *note)
{
    check_map_of("changed", what, raw, note);
}

/* The command that writes bytes, as printf has them, into `changed`. */
#define POKE(bytes, offset) "printf '" bytes "' | dd of=changed bs=1 conv=notrunc status=none seek=" offset

/* A command changes a new copy. */
static inline void check_raw(const char *change, const char *note)
{
    run("cp fs changed; %s", change);
    check_map(change, true, note);
}

static inline void peek(uint64_t offset, void *bytes, size_t size)
{
    FILE *f = fopen(scratch_path("changed"), "r");

    assert_non_null(f);
    assert_int_equal(fseek(f, (long)offset, SEEK_SET), 0);
    assert_int_equal(fread(bytes, 1, size, f), size);
    fclose(f);
}

static inline void poke(uint64_t offset, const void *bytes, size_t size)
{
    FILE *f = fopen(scratch_path("changed"), "r+");

    assert_non_null(f);
    assert_int_equal(fseek(f, (long)offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* Cuts `changed`, a volume of `size` bytes, shorter and shorter: it never passes for whole. */
static inline void truncate_changed(long size)
{
    for (size -= 512; size > 0; size -= size > 8192 ? 8192 - 512 : 512) {
        assert_int_equal(truncate(scratch_path("changed"), size), 0);
        check_map("truncated", true, "");
    }
}

static inline uint64_t count_marked(const struct block_map *m)
{
    uint64_t marked = 0;

    for (uint64_t unit = 0; unit < m->count; unit++)
        marked += fs_map_is_marked(m, unit);
    return marked;
}

/* What the reader alone says, without libblkid's opinion. */
static inline void expect_doubt(int (*map)(struct fs_source *s), const char *name, const char *note)
{
    struct block_map m = {.size = 0};
    struct failure f;
    struct disk_io d;
    struct fs_source s = {.disk = &d, .map = &m};

    assert_int_equal(disk_io_open(&d, scratch_path(name), DISK_IO_READ, &f), 0);
    s.size = m.size = d.size;
    if (map(&s) == 0 || !strstr(m.note, note))
        fail_msg("%s: \"%s\" (expected \"%s\")", name, m.note, note);
    block_map_free(&m);
    disk_io_close(&d);
}

/* Damage: bits are flipped in the file, the map is made anew, the bit is flipped back. */
struct damage {
    int (*map)(struct fs_source *s);
    struct disk_io disk;
    struct block_map whole; /* before any damage */
    uint64_t flips, noticed;
};

static inline int map_damaged(struct damage *d, uint64_t size, struct block_map *m)
{
    struct fs_source s = {.disk = &d->disk, .size = size, .map = m};

    memset(m, 0, sizeof(*m));
    m->size = size;
    return d->map(&s);
}

static inline void damage_begin(struct damage *d, const char *name, int (*map)(struct fs_source *s))
{
    struct failure f;

    memset(d, 0, sizeof(*d));
    d->map = map;
    assert_int_equal(disk_io_open(&d->disk, scratch_path(name), DISK_IO_WRITE, &f), 0);
    assert_int_equal(map_damaged(d, d->disk.size, &d->whole), 0);
}

static inline void damage_end(struct damage *d)
{
    block_map_free(&d->whole);
    disk_io_close(&d->disk);
}

static inline void flip(struct damage *d, uint64_t bit)
{
    struct failure f;
    uint8_t byte;

    assert_int_equal(disk_io_read(&d->disk, bit / 8, &byte, 1, &f), 0);
    byte ^= (uint8_t)(1 << bit % 8);
    assert_int_equal(disk_io_write(&d->disk, bit / 8, &byte, 1, &f), 0);
}

/* Either the flip is noticed, or everything that was used still is. */
static inline void flip_and_compare(struct damage *d, uint64_t bit)
{
    struct block_map m;

    flip(d, bit);
    d->flips++;
    if (map_damaged(d, d->disk.size, &m)) {
        d->noticed++;
        assert_true(m.note[0]);
    } else if (m.base != d->whole.base || m.unit != d->whole.unit || m.count < d->whole.count)
        fail_msg("bit %llu of byte %llu flipped: another size", (unsigned long long)bit % 8,
                 (unsigned long long)bit / 8);
    else
        for (uint64_t i = 0; i < (d->whole.count + 7) / 8; i++)
            if (d->whole.bits[i] & ~m.bits[i])
                fail_msg("bit %llu of byte %llu flipped: units at %llu are lost", (unsigned long long)bit % 8,
                         (unsigned long long)bit / 8, (unsigned long long)i * 8);
    block_map_free(&m);
    flip(d, bit);
}

/* Every `step`th bit of [from, to) bytes. */
static inline void flip_range(struct damage *d, uint64_t from, uint64_t to, uint64_t step)
{
    for (uint64_t bit = from * 8; bit < to * 8; bit += step)
        flip_and_compare(d, bit);
}

/* Cut off anywhere, the file system does not pass for whole. */
static inline void truncate_everywhere(struct damage *d, uint64_t step)
{
    struct block_map m;

    for (uint64_t size = 0; size < d->whole.smallest; size += step) {
        assert_int_equal(map_damaged(d, size, &m), -1);
        assert_true(m.note[0]);
        block_map_free(&m);
    }
    assert_int_equal(map_damaged(d, d->whole.smallest - 1, &m), -1);
    block_map_free(&m);
}

#endif
