/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/cow.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "agent/disk/disk_io.h"

#define BUCKETS_FIRST 1024

struct page {
    struct page *next; /* of the same bucket */
    uint64_t number;   /* of the disk's pages, from 0 */
    uint8_t bytes[COW_PAGE];
};

struct cow {
    const struct disk_io *disk;
    pthread_rwlock_t lock; /* for all that follows */
    struct page **buckets;
    size_t bucket_count, count, limit; /* pages; bucket_count is a power of 2 */
    bool failed;
};

struct cow *cow_new(const struct disk_io *disk, uint64_t limit, struct failure *f)
{
    struct cow *c = calloc(1, sizeof(*c));

    if (c)
        c->buckets = calloc(BUCKETS_FIRST, sizeof(struct page *));
    if (!c || !c->buckets) {
        free(c);
        fail(f, "out-of-memory", "no memory for a copy of what changes on %s", disk->path);
        return NULL;
    }
    c->disk = disk;
    c->bucket_count = BUCKETS_FIRST;
    c->limit = (size_t)(limit / COW_PAGE);
    pthread_rwlock_init(&c->lock, NULL);
    return c;
}

void cow_free(struct cow *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->bucket_count; i++)
        for (struct page *p = c->buckets[i], *next; p; p = next) {
            next = p->next;
            free(p);
        }
    pthread_rwlock_destroy(&c->lock);
    free(c->buckets);
    free(c);
}

/* Neighbours are written together: the lowest bits spread them. */
static struct page **bucket_of(const struct cow *c, uint64_t number)
{
    return &c->buckets[number & (c->bucket_count - 1)];
}

static struct page *find(const struct cow *c, uint64_t number)
{
    struct page *p = *bucket_of(c, number);

    while (p && p->number != number)
        p = p->next;
    return p;
}

/* When there is no memory for a wider table, the old one does, slower. */
static void widen(struct cow *c)
{
    struct page **old = c->buckets, **wide = calloc(2 * c->bucket_count, sizeof(struct page *));
    size_t count = c->bucket_count;

    if (!wide)
        return;
    c->buckets = wide;
    c->bucket_count = 2 * count;
    for (size_t i = 0; i < count; i++)
        for (struct page *p = old[i], *next; p; p = next) {
            struct page **to = bucket_of(c, p->number);
            next = p->next;
            p->next = *to;
            *to = p;
        }
    free(old);
}

static void patch(const struct cow *c, uint64_t offset, uint8_t *buffer, size_t size)
{
    for (size_t part; size > 0; offset += part, buffer += part, size -= part) {
        const struct page *p = find(c, offset / COW_PAGE);
        size_t at = (size_t)(offset % COW_PAGE);
        part = COW_PAGE - at < size ? COW_PAGE - at : size;
        if (p)
            memcpy(buffer, p->bytes + at, part);
    }
}

void cow_patch(struct cow *c, uint64_t offset, void *buffer, size_t size)
{
    pthread_rwlock_rdlock(&c->lock);
    if (c->count)
        patch(c, offset, buffer, size);
    pthread_rwlock_unlock(&c->lock);
}

int cow_read(struct cow *c, uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    if (disk_io_read(c->disk, offset, buffer, size, f))
        return -1;
    cow_patch(c, offset, buffer, size);
    return 0;
}

/* The disk may end inside its last page. */
static int fill(const struct cow *c, struct page *p, struct failure *f)
{
    uint64_t start = p->number * COW_PAGE, left = c->disk->size - start;

    return disk_io_read(c->disk, start, p->bytes, left < COW_PAGE ? (size_t)left : COW_PAGE, f);
}

static struct page *add(struct cow *c, uint64_t number, bool whole, struct failure *f)
{
    struct page *p = c->count < c->limit ? calloc(1, sizeof(*p)) : NULL, **bucket;

    if (!p) {
        fail(f, "snapshot-full", "%s: more than %" PRIu64 " MiB would change; there is no memory for more",
             c->disk->path, (uint64_t)c->count * COW_PAGE >> 20);
        return NULL;
    }
    p->number = number;
    if (!whole && fill(c, p, f)) {
        free(p);
        return NULL;
    }
    if (c->count++ > c->bucket_count)
        widen(c);
    bucket = bucket_of(c, number);
    p->next = *bucket;
    *bucket = p;
    return p;
}

static int write_pages(struct cow *c, uint64_t offset, const uint8_t *from, size_t size, struct failure *f)
{
    for (size_t part; size > 0; offset += part, from += part, size -= part) {
        struct page *p = find(c, offset / COW_PAGE);
        size_t at = (size_t)(offset % COW_PAGE);
        part = COW_PAGE - at < size ? COW_PAGE - at : size;
        if (!p)
            p = add(c, offset / COW_PAGE, part == COW_PAGE, f);
        if (!p)
            return -1;
        memcpy(p->bytes + at, from, part);
    }
    return 0;
}

int cow_write(struct cow *c, uint64_t offset, const void *buffer, size_t size, struct failure *f)
{
    int result = -1;

    pthread_rwlock_wrlock(&c->lock);
    if (offset > c->disk->size || size > c->disk->size - offset)
        fail(f, "disk-error", "%s: write of %zu bytes at %" PRIu64 " is beyond its end", c->disk->path, size, offset);
    else if (c->failed)
        fail(f, "snapshot-full", "%s: what changes on it has no room in memory", c->disk->path);
    else
        result = write_pages(c, offset, buffer, size, f);
    c->failed = c->failed || result;
    pthread_rwlock_unlock(&c->lock);
    return result;
}

bool cow_failed(struct cow *c)
{
    bool failed;

    pthread_rwlock_rdlock(&c->lock);
    failed = c->failed;
    pthread_rwlock_unlock(&c->lock);
    return failed;
}

uint64_t cow_used(struct cow *c)
{
    uint64_t used;

    pthread_rwlock_rdlock(&c->lock);
    used = (uint64_t)c->count * COW_PAGE;
    pthread_rwlock_unlock(&c->lock);
    return used;
}
