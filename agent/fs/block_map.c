/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <blkid/blkid.h>

static const struct {
    const char *type;
    int (*map)(struct fs_source *s);
} readers[] = {
    {"ext2", fs_ext_map},         {"ext3", fs_ext_map},        {"ext4", fs_ext_map},
    {"xfs", fs_xfs_map},          {"btrfs", fs_btrfs_map},     {"vfat", fs_fat_map},
    {"ntfs", fs_ntfs_map},        {"exfat", fs_exfat_map},     {"swap", fs_swap_map},
    {"swsuspend", fs_swap_map},   {"LVM2_member", fs_lvm_map}, {"BitLocker", fs_bitlocker_map},
    {"crypto_LUKS", fs_luks_map},
};

int fs_doubt(struct fs_source *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(s->map->note, sizeof(s->map->note), format, args);
    va_end(args);
    return -1;
}

static int read_disk(struct fs_source *s, uint64_t offset, void *buffer, size_t size)
{
    if (disk_io_read(s->disk, s->start + offset, buffer, size, &s->failure))
        return fs_doubt(s, "its metadata cannot be read: %.200s", s->failure.message);
    return 0;
}

static int read_extents(struct fs_source *s, uint64_t offset, uint8_t *buffer, size_t size)
{
    for (size_t i = 0; size && i < s->extent_count; i++) {
        const struct fs_extent *e = &s->extents[i];
        uint64_t skip = offset - e->logical;
        size_t part = skip < e->size && size > e->size - skip ? (size_t)(e->size - skip) : size;
        if (skip >= e->size)
            continue;
        if (read_disk(s, e->physical + skip, buffer, part))
            return -1;
        offset += part;
        buffer += part;
        size -= part;
    }
    return 0;
}

int fs_read(struct fs_source *s, uint64_t offset, void *buffer, size_t size)
{
    if (offset > s->size || size > s->size - offset)
        return fs_doubt(s, "its metadata points outside of the partition (byte %" PRIu64 ")", offset);
    return s->extents ? read_extents(s, offset, buffer, size) : read_disk(s, offset, buffer, size);
}

int fs_map_init(struct fs_source *s, uint64_t base, uint64_t unit, uint64_t count)
{
    struct block_map *m = s->map;

    if (unit == 0 || base > s->size || count > (s->size - base) / unit)
        return fs_doubt(s, "it is larger than its partition");
    m->bits = calloc(1, (size_t)(count / 8 + 1));
    if (!m->bits)
        return fs_doubt(s, "no memory for a map of %" PRIu64 " blocks", count);
    m->base = base;
    m->unit = unit;
    m->count = count;
    m->smallest = base + unit * count;
    return 0;
}

void fs_map_mark(struct block_map *m, uint64_t first, uint64_t n)
{
    for (; n && first % 8; first++, n--)
        m->bits[first / 8] |= (uint8_t)(1 << first % 8);
    memset(m->bits + first / 8, 0xff, (size_t)(n / 8));
    for (first += n - n % 8, n %= 8; n; first++, n--)
        m->bits[first / 8] |= (uint8_t)(1 << first % 8);
}

bool fs_map_is_marked(const struct block_map *m, uint64_t unit)
{
    return m->bits[unit / 8] >> unit % 8 & 1;
}

/* Units of whole 64-bit words from `unit` (a multiple of 8) on in which no bit is `value`. */
static uint64_t skip_words(const struct block_map *m, uint64_t unit, bool value)
{
    const uint64_t other = value ? 0 : UINT64_MAX;
    uint64_t word, skipped = 0;

    while (unit + skipped + 64 <= m->count) {
        memcpy(&word, m->bits + (unit + skipped) / 8, sizeof(word));
        if (word != other)
            break;
        skipped += 64;
    }
    return skipped;
}

/* The first unit from `unit` on whose bit is `value`, or m->count. */
static uint64_t find_unit(const struct block_map *m, uint64_t unit, bool value)
{
    while (unit < m->count) {
        /* What follows in this byte, the lowest bit first; the bits looked for are ones. */
        unsigned rest = (value ? m->bits[unit / 8] : (uint8_t)~m->bits[unit / 8]) >> unit % 8;
        if (rest) {
            unit += (unsigned)__builtin_ctz(rest);
            return unit < m->count ? unit : m->count;
        }
        unit += 8 - unit % 8;
        unit += skip_words(m, unit, value);
    }
    return m->count;
}

static bool next_unit(const struct block_map *m, uint64_t from, uint64_t to, uint64_t *ret_start, uint64_t *ret_end)
{
    uint64_t start = from, end = m->base, unit;

    if (from >= to)
        return false;
    if (from >= m->base) {
        if (!m->bits)
            return false;
        unit = find_unit(m, (from - m->base) / m->unit, true);
        if (unit >= m->count)
            return false;
        start = m->base + unit * m->unit;
        start = start > from ? start : from;
        end = start;
    }
    if (start >= to)
        return false;
    if (m->bits && end < to)
        end = m->base + m->unit * find_unit(m, (end - m->base) / m->unit, false);
    *ret_start = start;
    *ret_end = end < to ? end : to;
    return true;
}

bool block_map_next(const struct block_map *m, uint64_t from, uint64_t to, uint64_t *ret_start, uint64_t *ret_end)
{
    uint64_t tail = m->size - m->tail;

    if (next_unit(m, from, to, ret_start, ret_end))
        return true;
    if (from >= to || m->tail == 0 || to <= tail)
        return false;
    *ret_start = from > tail ? from : tail;
    *ret_end = to;
    return true;
}

static uint64_t count_used(const struct block_map *m)
{
    uint64_t used = m->base + m->tail, units = 0;

    for (uint64_t i = 0; m->bits && i < m->count / 8 + 1; i++)
        units += (uint64_t)__builtin_popcount(m->bits[i]);
    return used + units * m->unit;
}

static void make_raw(struct block_map *m)
{
    free(m->bits);
    m->bits = NULL;
    m->raw = true;
    m->base = m->smallest = m->size;
    m->unit = m->count = m->tail = 0;
}

static void keep_tail(struct block_map *m)
{
    uint64_t behind = m->size - m->base - m->unit * m->count;

    if (behind > BLOCK_MAP_TAIL)
        behind = BLOCK_MAP_TAIL;
    if (m->tail < behind)
        m->tail = behind;
}

static void copy_value(blkid_probe probe, const char *key, char *ret, size_t size)
{
    const char *value;

    if (!blkid_probe_lookup_value(probe, key, &value, NULL))
        snprintf(ret, size, "%s", value);
}

/* Returns 1 with the file system's names, 0 when there is none or more than one, -1 when libblkid failed. */
static int probe_names(struct block_map *m, blkid_probe probe)
{
    int result;

    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
    result = blkid_do_safeprobe(probe);
    if (result == -2)
        snprintf(m->note, sizeof(m->note), "signatures of several file systems");
    if (result)
        return result == -1 ? -1 : 0;
    copy_value(probe, "TYPE", m->fs_type, sizeof(m->fs_type));
    copy_value(probe, "UUID", m->fs_uuid, sizeof(m->fs_uuid));
    copy_value(probe, "LABEL", m->fs_label, sizeof(m->fs_label));
    return 1;
}

static int probe_fs(struct fs_source *s, struct failure *f)
{
    blkid_probe probe = blkid_new_probe();
    /* Of a logical volume its first piece tells: what names a file system stands at its beginning. */
    uint64_t start = s->start + (s->extents ? s->extents[0].physical : 0);
    uint64_t size = s->extents ? s->extents[0].size : s->size;
    int result = -1;

    if (!probe)
        return fail(f, "out-of-memory", "no memory to look for file systems");
    if (!blkid_probe_set_device(probe, s->disk->fd, (blkid_loff_t)start, (blkid_loff_t)size))
        result = probe_names(s->map, probe);
    blkid_free_probe(probe);
    if (result < 0)
        return fail(f, "disk-error", "%s: the partition at byte %" PRIu64 " cannot be probed", s->disk->path, start);
    s->map->has_fs = result == 1 && s->map->fs_type[0];
    return 0;
}

int block_map_probe(const struct disk_io *d, uint64_t start, uint64_t size, char *ret, size_t ret_size,
                    struct failure *f)
{
    struct block_map m = {.size = size};
    struct fs_source s = {.disk = d, .start = start, .size = size, .map = &m};

    if (probe_fs(&s, f))
        return -1;
    snprintf(ret, ret_size, "%s", m.has_fs ? m.fs_type : "");
    return 0;
}

static int map_fs(struct fs_source *s)
{
    for (size_t i = 0; s->map->has_fs && i < sizeof(readers) / sizeof(readers[0]); i++)
        if (!strcmp(readers[i].type, s->map->fs_type))
            return readers[i].map(s);
    if (!s->map->note[0])
        fs_doubt(s, s->map->has_fs ? "used blocks of this file system are not known" : "no file system recognised");
    return -1;
}

void block_map_take_whole(struct block_map *m, const char *why)
{
    make_raw(m);
    m->used = m->size;
    snprintf(m->note, sizeof(m->note), "%s", why);
}

int fs_map(struct fs_source *s, struct failure *f)
{
    if (probe_fs(s, f))
        return -1;
    if (map_fs(s))
        make_raw(s->map);
    else
        keep_tail(s->map);
    s->map->used = count_used(s->map);
    return 0;
}

int block_map_read(struct block_map *m, const struct disk_io *d, uint64_t start, uint64_t size, struct failure *f)
{
    struct fs_source s = {.disk = d, .start = start, .size = size, .map = m};

    memset(m, 0, sizeof(*m));
    m->size = size;
    return fs_map(&s, f);
}

uint64_t block_map_blank(const struct block_map *m, uint64_t from, uint64_t to, uint8_t *buffer)
{
    uint64_t at = from, start, end, used = 0;

    while (block_map_next(m, at, to, &start, &end)) {
        memset(buffer + (at - from), 0, (size_t)(start - at));
        used += end - start;
        at = end;
    }
    memset(buffer + (at - from), 0, (size_t)(to - at));
    return used;
}

void block_map_free(struct block_map *m)
{
    free(m->bits);
    m->bits = NULL;
}
