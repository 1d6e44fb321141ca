/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/gpt_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libfdisk/libfdisk.h>

#include "agent/image/manifest_layout.h"

static int table_fail(const struct disk_io *d, const char *doing, int error, struct failure *f)
{
    return fail(f, "disk-error", "%s: %s: %s", d->path, doing, strerror(error < 0 ? -error : EIO));
}

static struct fdisk_context *open_context(const struct disk_io *d, bool readonly, struct failure *f)
{
    struct fdisk_context *c = fdisk_new_context();
    int result;

    if (!c) {
        fail(f, "out-of-memory", "no memory for a partition table");
        return NULL;
    }
    fdisk_disable_dialogs(c, 1);
    result = fdisk_assign_device_by_fd(c, d->fd, d->path, readonly);
    if (result) {
        table_fail(d, "its partition table cannot be read", result, f);
        fdisk_unref_context(c);
        return NULL;
    }
    return c;
}

static void copy_text(char *ret, size_t size, const char *text)
{
    snprintf(ret, size, "%s", text ? text : "");
}

static int read_entry(struct fdisk_context *c, struct fdisk_partition *pa, struct manifest_partition *p)
{
    uint64_t sector = fdisk_get_sector_size(c);
    const struct fdisk_parttype *type = fdisk_partition_get_type(pa);

    if (!fdisk_partition_has_start(pa) || !fdisk_partition_has_size(pa) || !type)
        return -1;
    p->number = (unsigned)fdisk_partition_get_partno(pa) + 1;
    p->start = fdisk_partition_get_start(pa) * sector;
    p->size = fdisk_partition_get_size(pa) * sector;
    copy_text(p->type, sizeof(p->type), fdisk_parttype_get_string(type));
    copy_text(p->uuid, sizeof(p->uuid), fdisk_partition_get_uuid(pa));
    copy_text(p->name, sizeof(p->name), fdisk_partition_get_name(pa));
    return fdisk_gpt_get_partition_attrs(c, p->number - 1, &p->attributes);
}

static int read_entries(const struct disk_io *d, struct fdisk_context *c, struct manifest *m, struct failure *f)
{
    struct fdisk_table *table = NULL;
    size_t count;
    int result = fdisk_get_partitions(c, &table);

    if (result)
        return table_fail(d, "its partitions cannot be read", result, f);
    count = fdisk_table_get_nents(table);
    if (count > MANIFEST_PARTITIONS)
        result = fail(f, "bad-table", "%s: %zu partitions are more than %u", d->path, count, MANIFEST_PARTITIONS);
    for (size_t i = 0; !result && i < count; i++)
        if (read_entry(c, fdisk_table_get_partition(table, i), &m->partitions[i]))
            result = fail(f, "bad-table", "%s: partition table entry %zu cannot be read", d->path, i + 1);
    fdisk_unref_table(table);
    if (result)
        return -1;
    m->count = (unsigned)count;
    return 0;
}

int gpt_table_exists(const struct disk_io *d, struct failure *f)
{
    struct fdisk_context *c = open_context(d, true, f);
    int result;

    if (!c)
        return -1;
    result = fdisk_has_label(c) && fdisk_is_labeltype(c, FDISK_DISKLABEL_GPT);
    fdisk_unref_context(c);
    return result;
}

static int read_disk_uuid(struct fdisk_context *c, struct manifest *m)
{
    char *id = NULL;
    int result = fdisk_get_disklabel_id(c, &id);

    if (!result)
        copy_text(m->disk_uuid, sizeof(m->disk_uuid), id);
    free(id);
    return result;
}

/* What libfdisk would repair, were it asked to write. */
static void note_oddities(struct fdisk_context *c, struct manifest *m)
{
    if (fdisk_label_is_changed(fdisk_get_label(c, NULL)))
        copy_text(m->note, sizeof(m->note),
                  "one copy of the partition table was damaged or not in its place; the good one was taken");
    else if (fdisk_get_npartitions(c) != MANIFEST_PARTITIONS)
        snprintf(m->note, sizeof(m->note), "the partition table had room for %zu partitions; a copy has room for %u",
                 fdisk_get_npartitions(c), MANIFEST_PARTITIONS);
}

int gpt_table_read(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    struct fdisk_context *c = open_context(d, true, f);
    int result = 0;

    if (!c)
        return -1;
    if (!fdisk_is_labeltype(c, FDISK_DISKLABEL_GPT) || read_disk_uuid(c, m))
        result = fail(f, "bad-table", "%s: the table's UUID cannot be read", d->path);
    if (!result)
        result = read_entries(d, c, m, f);
    m->first_usable = fdisk_get_first_lba(c) * d->sector_size;
    m->usable_end = (fdisk_get_last_lba(c) + 1) * d->sector_size;
    note_oddities(c, m);
    fdisk_unref_context(c);
    return result;
}

static void set_header(struct fdisk_script *script, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    fdisk_script_set_header(script, name, text);
}

/* The first sector that partitions may use: the source's, where the image tells it and its partitions allow it. */
static uint64_t first_usable(const struct disk_io *d, const struct manifest *m)
{
    uint64_t first = m->first_usable > manifest_head_size(m) ? m->first_usable : manifest_head_size(m);

    if (m->count && m->partitions[0].start < first)
        first = m->partitions[0].start;
    return first / d->sector_size;
}

/* The last one: before the backup, which is at the end of this disk; on a disk of the same size the source's. */
static uint64_t last_usable(const struct disk_io *d, const struct manifest *m)
{
    uint64_t backup = manifest_head_size(m) / d->sector_size - 1, last = d->size / d->sector_size - backup - 1;
    uint64_t source = m->usable_end / d->sector_size - 1;
    const struct manifest_partition *p = m->count ? &m->partitions[m->count - 1] : NULL;

    if (d->size != m->disk_size || !m->usable_end || source > last)
        return last;
    return p && (p->start + p->size) / d->sector_size - 1 > source ? last : source;
}

/* libfdisk would keep the first MiB free; an image's partitions may begin earlier. */
static int create_label(const struct disk_io *d, struct fdisk_context *c, const struct manifest *m)
{
    struct fdisk_script *script = fdisk_new_script(c);
    int result = -ENOMEM;

    if (!script)
        return result;
    fdisk_script_set_header(script, "label", "gpt");
    set_header(script, "first-lba", first_usable(d, m));
    set_header(script, "last-lba", last_usable(d, m));
    set_header(script, "table-length", MANIFEST_PARTITIONS);
    result = fdisk_set_script(c, script);
    if (!result)
        result = fdisk_create_disklabel(c, "gpt");
    fdisk_set_script(c, NULL);
    fdisk_unref_script(script);
    return result ? result : fdisk_set_disklabel_id_from_string(c, m->disk_uuid);
}

static int add_entry(struct fdisk_context *c, const struct manifest_partition *p)
{
    uint64_t sector = fdisk_get_sector_size(c);
    struct fdisk_partition *pa = fdisk_new_partition();
    struct fdisk_parttype *type = fdisk_label_parse_parttype(fdisk_get_label(c, NULL), p->type);
    int result = pa && type ? 0 : -ENOMEM;

    if (!result) {
        fdisk_partition_set_partno(pa, p->number - 1);
        fdisk_partition_set_start(pa, p->start / sector);
        fdisk_partition_set_size(pa, p->size / sector);
        fdisk_partition_size_explicit(pa, 1);
        result = fdisk_partition_set_type(pa, type);
    }
    if (!result)
        result = fdisk_partition_set_uuid(pa, p->uuid);
    if (!result && p->name[0])
        result = fdisk_partition_set_name(pa, p->name);
    if (!result)
        result = fdisk_add_partition(c, pa, NULL);
    if (!result)
        result = fdisk_gpt_set_partition_attrs(c, p->number - 1, p->attributes);
    fdisk_unref_parttype(type);
    fdisk_unref_partition(pa);
    return result;
}

int gpt_table_write(const struct disk_io *d, const struct manifest *m, struct failure *f)
{
    struct fdisk_context *c = open_context(d, false, f);
    int result;

    if (!c)
        return -1;
    /* The 512 bytes before the table's own are the boot area's, written already. */
    fdisk_enable_bootbits_protection(c, 1);
    /* Places come from the image, whole sectors; libfdisk must not round them. */
    fdisk_reset_alignment(c);
    fdisk_save_user_grain(c, d->sector_size);
    result = create_label(d, c, m);
    for (unsigned i = 0; !result && i < m->count; i++)
        result = add_entry(c, &m->partitions[i]);
    if (!result)
        result = fdisk_write_disklabel(c);
    fdisk_unref_context(c);
    if (result)
        return table_fail(d, "its partition table cannot be written", result, f);
    return disk_io_flush(d, f);
}
