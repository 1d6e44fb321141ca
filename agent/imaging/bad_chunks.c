/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/bad_chunks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bad_chunks_init(struct bad_chunks *b)
{
    *b = (struct bad_chunks){0};
    pthread_mutex_init(&b->lock, NULL);
}

void bad_chunks_free(struct bad_chunks *b)
{
    free(b->messages);
    pthread_mutex_destroy(&b->lock);
}

void bad_chunks_add(struct bad_chunks *b, const struct failure *f)
{
    pthread_mutex_lock(&b->lock);
    if (!b->messages)
        b->messages = calloc(BAD_CHUNKS_LISTED, sizeof(*b->messages));
    if (b->messages && b->count < BAD_CHUNKS_LISTED)
        memcpy(b->messages[b->count], f->message, sizeof(*b->messages));
    b->count++;
    pthread_mutex_unlock(&b->lock);
}

int bad_chunks_result(const struct bad_chunks *b, const struct progress *p, struct failure *f)
{
    const char *first = b->messages ? b->messages[0] : "no memory for their names";

    if (!b->count)
        return 0;
    for (size_t i = 0; p->note && b->messages && i < b->count && i < BAD_CHUNKS_LISTED; i++)
        p->note(p->arg, b->messages[i]);
    if (b->count == 1)
        return fail(f, "bad-chunk", "%s", first);
    return fail(f, "bad-chunk", "%zu chunks are damaged in the store or missing there; the first: %.300s", b->count,
                first);
}
