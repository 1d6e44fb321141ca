/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/partition_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <blkid/blkid.h>

#include "agent/image/manifest_layout.h"
#include "agent/layout/gpt_table.h"
#include "agent/layout/mbr_table.h"

#define CLEARED (1024 * 1024) /* bytes at each end of the disk: any partition table, and the boot code */

/* What libblkid, which knows a file system's boot sector from a table, takes the disk's table for; "" for none. */
static int probe_kind(const struct disk_io *d, char *ret, size_t size, struct failure *f)
{
    blkid_probe probe = blkid_new_probe();
    const char *value;
    int result = -1;

    if (!probe)
        return fail(f, "out-of-memory", "no memory to look for a partition table");
    ret[0] = 0;
    blkid_probe_enable_superblocks(probe, 0);
    blkid_probe_enable_partitions(probe, 1);
    if (!blkid_probe_set_device(probe, d->fd, 0, (blkid_loff_t)d->size) &&
        !blkid_probe_set_sectorsize(probe, d->sector_size))
        result = blkid_do_fullprobe(probe);
    if (result == 0 && !blkid_probe_lookup_value(probe, "PTTYPE", &value, NULL))
        snprintf(ret, size, "%s", value);
    blkid_free_probe(probe);
    return result < 0 ? fail(f, "disk-error", "%s: its partition table cannot be read", d->path) : 0;
}

/* Whether there is a file system, or the like, on the disk as a whole: 1 or 0, -1 with *f. */
static int probe_whole(const struct disk_io *d, struct failure *f)
{
    blkid_probe probe = blkid_new_probe();
    int result = -1;

    if (!probe)
        return fail(f, "out-of-memory", "no memory to look for file systems");
    if (!blkid_probe_set_device(probe, d->fd, 0, (blkid_loff_t)d->size))
        result = blkid_do_safeprobe(probe);
    blkid_free_probe(probe);
    if (result == -1)
        return fail(f, "disk-error", "%s cannot be probed", d->path);
    return result != 1; /* 1: nothing found; -2: several */
}

/* One partition over the whole disk. `why`: NULL, or why its used blocks cannot be told. */
static int take_whole(const struct disk_io *d, struct manifest *m, const char *why)
{
    struct manifest_partition *p = &m->partitions[0];

    *p = (struct manifest_partition){.number = 1, .size = d->size - d->size % d->sector_size, .raw = why != NULL};
    m->count = 1;
    m->disk_uuid[0] = 0;
    memset(&m->extended, 0, sizeof(m->extended));
    snprintf(m->table, sizeof(m->table), "none");
    snprintf(p->note, sizeof(p->note), "%s", why ? why : "");
    return 0;
}

/* util-linux before 2.40 takes the boot sector of an exFAT for an MBR, whose place it has. */
static bool is_exfat(const struct manifest *m)
{
    return !memcmp(m->mbr + 3, "EXFAT   ", 8);
}

static bool has_entries(const struct manifest *m)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (mbr_get(m->mbr, i).type && mbr_get(m->mbr, i).count)
            return true;
    return false;
}

static bool has_dynamic_disk(const struct manifest *m)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (mbr_get(m->mbr, i).type == MBR_TYPE_LDM)
            return true;
    return false;
}

static int read_other(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    char kind[32], why[128];
    int whole;

    if (probe_kind(d, kind, sizeof(kind), f))
        return -1;
    if (!strcmp(kind, "PMBR") || !strcmp(kind, "gpt"))
        return fail(f, "bad-table", "%s had a GPT, and both copies of it are damaged", d->path);
    if (!kind[0] || is_exfat(m))
        return take_whole(d, m, NULL);
    /* The boot sector of a file system may look like an MBR without partitions. */
    if (!strcmp(kind, "dos") && !has_entries(m) && (whole = probe_whole(d, f)) != 0)
        return whole < 0 ? -1 : take_whole(d, m, NULL);
    if (!strcmp(kind, "dos") && has_dynamic_disk(m))
        return take_whole(d, m, "a dynamic disk of Windows: it is taken whole, with the database at its end");
    snprintf(m->table, sizeof(m->table), "mbr");
    if (!strcmp(kind, "dos"))
        return mbr_table_read(d, m, f);
    snprintf(why, sizeof(why), "a partition table of the kind \"%.30s\": the disk is taken whole", kind);
    return take_whole(d, m, why);
}

static int compare_starts(const void *a, const void *b)
{
    uint64_t x = ((const struct manifest_partition *)a)->start, y = ((const struct manifest_partition *)b)->start;

    return x < y ? -1 : x > y;
}

static int read_kind(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    int is_gpt = gpt_table_exists(d, f);

    if (is_gpt < 0)
        return -1;
    if (!is_gpt)
        return read_other(d, m, f);
    snprintf(m->table, sizeof(m->table), mbr_table_is_hybrid(m) ? "hybrid" : "gpt");
    return gpt_table_read(d, m, f);
}

int partition_table_read(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    char problem[LAYOUT_PROBLEM];

    m->disk_size = d->size;
    m->sector_size = d->sector_size;
    if (d->size < d->sector_size)
        return fail(f, "bad-table", "%s is smaller than a sector", d->path);
    if (disk_io_read(d, 0, m->mbr, MBR_SIZE, f) || read_kind(d, m, f))
        return -1;
    qsort(m->partitions, m->count, sizeof(m->partitions[0]), compare_starts);
    if (manifest_layout_good(m, d->size, problem))
        return 0;
    return fail(f, "bad-table", "%s: %s", d->path, problem);
}

/* The signature is what makes firmware take the first sector for a boot sector; all the rest is there. */
static int write_signature(const struct disk_io *d, const struct manifest *m, struct failure *f)
{
    if (disk_io_write(d, MBR_SIGNATURE_AT, m->mbr + MBR_SIGNATURE_AT, MBR_SIZE - MBR_SIGNATURE_AT, f))
        return -1;
    return disk_io_flush(d, f);
}

int partition_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f)
{
    if (!strcmp(m->table, "none"))
        return write_signature(d, m, f);
    if (!strcmp(m->table, "mbr"))
        return mbr_table_write(d, m, f);
    return gpt_table_write(d, m, f) || mbr_table_write_protective(d, m, f) ? -1 : 0;
}

int partition_table_clear(const struct disk_io *d, struct failure *f)
{
    uint64_t size = d->size < CLEARED ? d->size : CLEARED;

    if (disk_io_write_zeros(d, 0, size, f) || disk_io_write_zeros(d, d->size - size, size, f))
        return -1;
    return disk_io_flush(d, f) || disk_io_reread_table(d, f) ? -1 : 0;
}
