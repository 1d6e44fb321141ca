/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An MBR and extended boot records as a short input: first two bytes by which the partitions are moved and resized,
 * then pieces: a sector's number (16 bits, little-endian) and its last 66 bytes. What is read and found good must be
 * written and read back the same, also after it was fitted to moved partitions. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/base/le.h"
#include "agent/image/manifest_layout.h"
#include "agent/layout/mbr_table.h"

#define SECTORS 65536u
#define TAIL 66
#define PIECES 200

static struct disk_io open_disk(void)
{
    struct disk_io d = {.path = "fuzz", .direct_fd = -1, .size = SECTORS * 512, .sector_size = 512};

    d.fd = memfd_create("fuzz", 0);
    if (d.fd < 0 || ftruncate(d.fd, (off_t)d.size))
        abort();
    return d;
}

static int compare_starts(const void *a, const void *b)
{
    const struct manifest_partition *x = a, *y = b;

    return x->start < y->start ? -1 : x->start > y->start;
}

static bool read_table(const struct disk_io *d, struct manifest *m)
{
    char problem[LAYOUT_PROBLEM];
    struct failure f;

    memset(m, 0, sizeof(*m));
    m->disk_size = d->size;
    m->sector_size = 512;
    strcpy(m->table, "mbr");
    strcpy(m->name, "fuzz");
    if (disk_io_read(d, 0, m->mbr, MBR_SIZE, &f) || mbr_table_read(d, m, &f))
        return false;
    qsort(m->partitions, m->count, sizeof(m->partitions[0]), compare_starts);
    return manifest_layout_good(m, d->size, problem);
}

static void write_and_compare(const struct manifest *m)
{
    static struct manifest back;
    struct disk_io d = open_disk();
    struct failure f;

    if (mbr_table_write(&d, m, &f) || !read_table(&d, &back) || back.count != m->count)
        abort();
    for (unsigned i = 0; i < m->count; i++)
        if (back.partitions[i].start != m->partitions[i].start || back.partitions[i].size != m->partitions[i].size ||
            back.partitions[i].number != m->partitions[i].number)
            abort();
    close(d.fd);
}

/* Moves what is behind `first` by `by` sectors, and makes the one before as much larger. */
static void move(struct manifest *m, unsigned first, int by)
{
    static struct mbr_place from[MANIFEST_PARTITIONS];
    struct failure f;

    for (unsigned i = 0; i < m->count; i++)
        from[i] = (struct mbr_place){m->partitions[i].start, m->partitions[i].size};
    if (mbr_table_fit(m, from, m->disk_size, NULL, &f))
        abort(); /* nothing has changed */
    for (unsigned i = first; i < m->count; i++)
        m->partitions[i].start += (uint64_t)(int64_t)by * 512;
    if (first)
        m->partitions[first - 1].size += (uint64_t)(int64_t)by * 512;
    if (!mbr_table_fit(m, from, m->disk_size, NULL, &f))
        write_and_compare(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct manifest m;
    struct disk_io d;

    if (size < 2)
        return 0;
    d = open_disk();
    for (size_t at = 2, pieces = 0; at + 2 + TAIL <= size && pieces < PIECES; at += 2 + TAIL, pieces++)
        if (pwrite(d.fd, data + at + 2, TAIL, (off_t)le16_read(data + at) * 512 + 512 - TAIL) != TAIL)
            abort();
    if (read_table(&d, &m)) {
        write_and_compare(&m);
        move(&m, m.count ? data[0] % (m.count + 1) : 0, (int8_t)data[1]);
    }
    close(d.fd);
    return 0;
}
