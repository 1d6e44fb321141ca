/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes of a partition its file system uses. What is not used is taken as zeros, so every doubt must be settled
 * the other way: a file system that contradicts itself is "raw", all of it used. */
#ifndef SLIPWAY_AGENT_BLOCK_MAP_H
#define SLIPWAY_AGENT_BLOCK_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"

struct block_map {
    bool has_fs; /* something was recognised: the next three are set */
    char fs_type[32], fs_uuid[64], fs_label[256];
    bool raw; /* everything is used; `note` says why */
    char note[256];
    uint64_t size; /* bytes of the partition */
    uint64_t used; /* bytes used */
    /* Bytes that the partition must keep: up to the end of its file system; NTFS, which can be shrunk: up to its last
     * used cluster and the backup of its boot sector. */
    uint64_t smallest;
    /* Used are: all bytes below `base`, then of the `count` units of `unit` bytes each whose bit is set, and the last
     * `tail` bytes of the partition, which begin behind the last unit. */
    uint64_t base, unit, count;
    uint8_t *bits; /* NULL: base alone counts */
    uint64_t tail; /* a reader may set it; block_map_read makes it at least BLOCK_MAP_TAIL, if there is as much */
};

/* What others keep at the end of a partition, behind the file system, is no zeros: md's superblock 0.90 and 1.0 (the
 * last 128 KiB), DRBD's internal metadata (32 KiB for each GiB, its head last), backups of boot sectors. */
#define BLOCK_MAP_TAIL (1024 * 1024)

/* Probes the partition at `start` of `size` bytes and maps it. Returns 0, or -1 with *f (disk-error, out-of-memory). A
 * file system that is not known, or inconsistent, is a success with .raw and .note. Release with block_map_free. */
int block_map_read(struct block_map *m, const struct disk_io *d, uint64_t start, uint64_t size, struct failure *f);
void block_map_free(struct block_map *m);

/* Only the file system's name, "" when there is none or more than one. Returns 0, or -1 with *f. */
int block_map_probe(const struct disk_io *d, uint64_t start, uint64_t size, char *ret, size_t ret_size,
                    struct failure *f);

/* Makes every byte used, whatever was found; `why` becomes the note. */
void block_map_take_whole(struct block_map *m, const char *why);

/* Finds the first used bytes in [from, to). Returns false when there are none, else true with
 * from <= *ret_start < *ret_end <= to. */
bool block_map_next(const struct block_map *m, uint64_t from, uint64_t to, uint64_t *ret_start, uint64_t *ret_end);

/* Zeros in all bytes of [from, to) that are not used; buffer[0] is byte `from`. Returns how many are used. */
uint64_t block_map_blank(const struct block_map *m, uint64_t from, uint64_t to, uint8_t *buffer);

/* For the readers of file systems (fs_*.c). */

/* A piece of a logical volume: bytes of the volume, bytes of the partition. */
struct fs_extent {
    uint64_t logical, physical, size;
};

struct fs_source {
    const struct disk_io *disk;
    uint64_t start, size; /* the partition, bytes; for a logical volume `size` is the volume's */
    /* Of a logical volume: its pieces without a gap, in order of `logical`. NULL: a whole partition. */
    const struct fs_extent *extents;
    size_t extent_count;
    struct block_map *map;
    struct failure failure; /* why the last fs_read failed */
};

/* What block_map_read does, for a partition or a logical volume: s->map has its size set, and nothing else. */
int fs_map(struct fs_source *s, struct failure *f);

/* Reads from the partition, within its bounds. Returns 0, or -1 with s->map->note set. */
int fs_read(struct fs_source *s, uint64_t offset, void *buffer, size_t size);

/* Writes the reason why the file system is taken raw. Always returns -1. */
int fs_doubt(struct fs_source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets up the map: nothing but `base` used. count * unit + base must not exceed the partition. Returns 0 or -1 (doubt).
 */
int fs_map_init(struct fs_source *s, uint64_t base, uint64_t unit, uint64_t count);

/* Marks `n` units from `first`; the caller has checked that they exist. */
void fs_map_mark(struct block_map *m, uint64_t first, uint64_t n);
bool fs_map_is_marked(const struct block_map *m, uint64_t unit);

/* Fill s->map, or return -1 with a doubt. They read nothing but metadata and believe none of it unchecked. */
int fs_ext_map(struct fs_source *s);       /* ext2, ext3, ext4 */
int fs_xfs_map(struct fs_source *s);       /* XFS, versions 4 and 5 */
int fs_btrfs_map(struct fs_source *s);     /* btrfs on one device */
int fs_fat_map(struct fs_source *s);       /* FAT12, FAT16, FAT32 */
int fs_ntfs_map(struct fs_source *s);      /* NTFS 1.2, 3.0 and 3.1 */
int fs_exfat_map(struct fs_source *s);     /* exFAT, also with two FATs */
int fs_swap_map(struct fs_source *s);      /* Linux swap, of any page size */
int fs_lvm_map(struct fs_source *s);       /* LVM2 physical volumes */
int fs_bitlocker_map(struct fs_source *s); /* always a doubt */
int fs_luks_map(struct fs_source *s);      /* always a doubt */

#endif
