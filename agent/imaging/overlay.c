/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "agent/image/chunk_fetch.h"

#define PAGE 4096
#define CHUNK_PAGES (CHUNK_SIZE / PAGE)
#define CACHED 8 /* chunks */

/* The written pages of one chunk; those that are NULL were not. */
struct written {
    uint8_t *pages[CHUNK_PAGES];
};

struct cached {
    uint8_t *data;
    size_t chunk;
    uint64_t used; /* 0: empty; else the higher, the later */
};

struct overlay {
    struct overlay_source source;
    struct store *store;
    struct chunk_fetcher *fetcher;
    struct written **written; /* by chunk, from the first one behind disk_size */
    size_t first, memory;
    struct cached cache[CACHED];
    uint64_t clock;
};

void overlay_free(struct overlay *o)
{
    if (!o)
        return;
    for (size_t i = 0; o->written && i < o->source.index->count - o->first; i++) {
        for (unsigned k = 0; o->written[i] && k < CHUNK_PAGES; k++)
            free(o->written[i]->pages[k]);
        free(o->written[i]);
    }
    for (unsigned i = 0; i < CACHED; i++)
        free(o->cache[i].data);
    free(o->written);
    chunk_fetcher_free(o->fetcher);
    store_close(o->store);
    free(o);
}

struct overlay *overlay_new(const struct overlay_source *source, const struct store *s, struct failure *f)
{
    struct overlay *o = calloc(1, sizeof(*o));

    if (!o) {
        fail(f, "out-of-memory", "no memory to resize %s", source->what);
        return NULL;
    }
    o->source = *source;
    o->first = (size_t)(source->disk_size / CHUNK_SIZE);
    o->written = calloc(source->index->count - o->first + 1, sizeof(struct written *));
    if (!o->written)
        fail(f, "out-of-memory", "no memory to resize %s", source->what);
    else
        o->store = store_clone(s, f);
    if (o->store)
        o->fetcher = chunk_fetcher_new(o->store, f);
    if (o->fetcher)
        return o;
    overlay_free(o);
    return NULL;
}

uint64_t overlay_size(const struct overlay *o)
{
    return o->source.index->size;
}

static struct cached *find_cached(struct overlay *o, size_t chunk)
{
    struct cached *oldest = &o->cache[0];

    for (unsigned i = 0; i < CACHED; i++) {
        if (o->cache[i].used && o->cache[i].chunk == chunk)
            return &o->cache[i];
        if (o->cache[i].used < oldest->used)
            oldest = &o->cache[i];
    }
    oldest->used = 0;
    return oldest;
}

static const uint8_t *get_chunk(struct overlay *o, size_t chunk, struct failure *f)
{
    struct cached *c = find_cached(o, chunk);
    size_t size = caibx_chunk_size(o->source.index, chunk);
    uint8_t zero_id[CHUNK_ID_SIZE];

    if (!c->used) {
        if (!c->data && !(c->data = calloc(1, CHUNK_SIZE))) {
            fail(f, "out-of-memory", "no memory to resize %s", o->source.what);
            return NULL;
        }
        chunk_id_zeros(size, zero_id);
        if (!memcmp(caibx_id(o->source.index, chunk), zero_id, CHUNK_ID_SIZE))
            memset(c->data, 0, size);
        else if (chunk_fetch(o->fetcher, caibx_id(o->source.index, chunk), c->data, size, o->source.what, f))
            return NULL;
        c->chunk = chunk;
    }
    c->used = ++o->clock;
    return c->data;
}

static uint8_t *find_page(const struct overlay *o, uint64_t offset)
{
    const struct written *w = o->written[offset / CHUNK_SIZE - o->first];

    return w ? w->pages[offset % CHUNK_SIZE / PAGE] : NULL;
}

/* The page at `offset`, to be written to, with what the store has of it. */
static uint8_t *make_page(struct overlay *o, uint64_t offset, struct failure *f)
{
    size_t chunk = (size_t)(offset / CHUNK_SIZE), at = offset % CHUNK_SIZE / PAGE * PAGE, size;
    struct written **w = &o->written[chunk - o->first];
    const uint8_t *data = get_chunk(o, chunk, f);
    uint8_t *page;

    if (!data)
        return NULL;
    if (!*w)
        *w = calloc(1, sizeof(**w));
    page = *w && o->memory < OVERLAY_MEMORY_MAX ? calloc(1, PAGE) : NULL;
    if (!page) {
        fail(f, "out-of-memory", "no memory for what is written to the end of %s while it is resized", o->source.what);
        return NULL;
    }
    size = caibx_chunk_size(o->source.index, chunk) - at;
    memcpy(page, data + at, size < PAGE ? size : PAGE);
    (*w)->pages[at / PAGE] = page;
    o->memory += PAGE;
    return page;
}

/* Bytes from `offset` that lie on the disk, or else in one page. */
static size_t part_size(const struct overlay *o, uint64_t offset, size_t size)
{
    uint64_t part = offset < o->source.disk_size ? o->source.disk_size - offset : PAGE - offset % PAGE;

    return part < size ? (size_t)part : size;
}

int overlay_read(struct overlay *o, uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    uint8_t *to = buffer;

    for (size_t part; size > 0; offset += part, to += part, size -= part) {
        const uint8_t *from;
        part = part_size(o, offset, size);
        if (offset < o->source.disk_size) {
            if (disk_io_read(o->source.disk, o->source.start + offset, to, part, f))
                return -1;
            continue;
        }
        from = find_page(o, offset);
        if (from) {
            memcpy(to, from + offset % PAGE, part);
            continue;
        }
        from = get_chunk(o, (size_t)(offset / CHUNK_SIZE), f);
        if (!from)
            return -1;
        memcpy(to, from + offset % CHUNK_SIZE, part);
    }
    return 0;
}

int overlay_write(struct overlay *o, uint64_t offset, const void *buffer, size_t size, struct failure *f)
{
    const uint8_t *from = buffer;

    for (size_t part; size > 0; offset += part, from += part, size -= part) {
        uint8_t *page;
        part = part_size(o, offset, size);
        if (offset < o->source.disk_size) {
            if (disk_io_write(o->source.disk, o->source.start + offset, from, part, f))
                return -1;
            continue;
        }
        page = find_page(o, offset);
        if (!page)
            page = make_page(o, offset, f);
        if (!page)
            return -1;
        memcpy(page + offset % PAGE, from, part);
    }
    return 0;
}
