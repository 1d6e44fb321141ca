/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/unpack.h"

#include <stdlib.h>
#include <string.h>

#include "agent/source/unpack_kind.h"

#define ROOM ((size_t)256 * 1024)

struct unpack {
    struct source *source;
    const struct unpack_kind *kind; /* NULL: as it is */
    void *self;
    uint8_t data[ROOM];
    size_t begin, end;
    bool source_over;
    enum unpack_state state;
};

static int fill(struct unpack *u, struct failure *f)
{
    long n;

    if (u->begin == u->end)
        u->begin = u->end = 0;
    if (u->source_over || u->end == ROOM)
        return 0;
    n = source_read(u->source, u->data + u->end, ROOM - u->end, f);
    if (n < 0)
        return -1;
    u->source_over = n == 0;
    u->end += (size_t)n;
    return 0;
}

static const struct unpack_kind *find_kind(const struct unpack *u)
{
    static const struct unpack_kind *const kinds[] = {&unpack_gzip, &unpack_xz, &unpack_zstd};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (u->end >= kinds[i]->magic_size && !memcmp(u->data, kinds[i]->magic, kinds[i]->magic_size))
            return kinds[i];
    return NULL;
}

static int begin(struct unpack *u, struct failure *f)
{
    while (u->end < sizeof(unpack_gzip.magic) && !u->source_over)
        if (fill(u, f))
            return -1;
    u->kind = find_kind(u);
    if (!u->kind || (u->self = u->kind->open()))
        return 0;
    return fail(f, "out-of-memory", "no memory to unpack %.200s", source_name(u->source));
}

struct unpack *unpack_open(struct source *s, struct failure *f)
{
    struct unpack *u = calloc(1, sizeof(*u));

    if (!u) {
        fail(f, "out-of-memory", "no memory to unpack %.200s", source_name(s));
        return NULL;
    }
    u->source = s;
    if (!begin(u, f))
        return u;
    unpack_close(u);
    return NULL;
}

void unpack_close(struct unpack *u)
{
    if (!u)
        return;
    if (u->self)
        u->kind->close(u->self);
    free(u);
}

const char *unpack_name(const struct unpack *u)
{
    return u->kind ? u->kind->name : "";
}

static size_t copy(struct unpack *u, uint8_t *ret, size_t size)
{
    if (size > u->end - u->begin)
        size = u->end - u->begin;
    memcpy(ret, u->data + u->begin, size);
    u->begin += size;
    return size;
}

/* One step of the format. *ret_over: everything has been read. */
static int step(struct unpack *u, struct unpack_step *s, bool *ret_over, struct failure *f)
{
    const uint8_t *before = s->out;

    s->in = u->data + u->begin;
    s->in_size = u->end - u->begin;
    s->last = u->source_over;
    /* After a whole stream the end of the source is the end; anything else must be one more stream. */
    *ret_over = s->in_size == 0 && u->source_over && u->state == UNPACK_END;
    if (*ret_over)
        return 0;
    u->state = u->kind->step(u->self, s);
    if (u->state == UNPACK_BAD)
        return fail(f, "bad-image", "%.250s: the %s data is damaged", source_name(u->source), u->kind->name);
    if (u->source_over && u->state == UNPACK_MORE && s->out == before && s->in == u->data + u->begin)
        return fail(f, "bad-image", "%.250s: the %s data ends early", source_name(u->source), u->kind->name);
    u->begin = u->end - s->in_size;
    return 0;
}

static long unpack_packed(struct unpack *u, uint8_t *ret, size_t size, struct failure *f)
{
    struct unpack_step s = {.out = ret, .out_size = size};
    bool over = false;

    while (s.out_size && !over) {
        if (u->begin == u->end && fill(u, f))
            return -1;
        if (step(u, &s, &over, f))
            return -1;
    }
    return (long)(size - s.out_size);
}

static long read_plain(struct unpack *u, uint8_t *ret, size_t size, struct failure *f)
{
    size_t done = 0;

    while (done < size) {
        if (u->begin == u->end && fill(u, f))
            return -1;
        if (u->begin == u->end)
            break;
        done += copy(u, ret + done, size - done);
    }
    return (long)done;
}

long unpack_read(struct unpack *u, void *ret, size_t size, struct failure *f)
{
    return u->kind ? unpack_packed(u, ret, size, f) : read_plain(u, ret, size, f);
}
