/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/disk_set.h"

#include <sys/stat.h>

/* A disk has many names: links, other nodes. What cannot be looked at fails when it is opened. */
static bool is_same_disk(const char *a, const char *b)
{
    struct stat x, y;

    if (stat(a, &x) || stat(b, &y))
        return false;
    if (S_ISBLK(x.st_mode) && S_ISBLK(y.st_mode))
        return x.st_rdev == y.st_rdev;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int check_distinct(const char *const *paths, unsigned count, struct failure *f)
{
    for (unsigned i = 1; i < count; i++)
        for (unsigned k = 0; k < i; k++)
            if (is_same_disk(paths[i], paths[k]))
                return fail(f, "ambiguous-disk", "disk %u (%s) and disk %u (%s) are the same disk", k + 1, paths[k],
                            i + 1, paths[i]);
    return 0;
}

int disk_set_open(struct disk_set *s, const char *const *paths, unsigned count, enum disk_io_mode mode,
                  struct failure *f)
{
    s->count = 0;
    if (count == 0 || count > MANIFEST_DISKS)
        return fail(f, "disk-count", "%u disks were named: an image has 1 to %d", count, MANIFEST_DISKS);
    if (check_distinct(paths, count, f))
        return -1;
    for (unsigned i = 0; i < count; i++) {
        if (disk_io_open(&s->list[i], paths[i], mode, f)) {
            disk_set_close(s);
            return -1;
        }
        s->count = i + 1;
    }
    return 0;
}

void disk_set_close(struct disk_set *s)
{
    while (s->count)
        disk_io_close(&s->list[--s->count]);
}

int disk_set_flush(const struct disk_set *s, struct failure *f)
{
    for (unsigned i = 0; i < s->count; i++)
        if (disk_io_flush(&s->list[i], f))
            return -1;
    return 0;
}
