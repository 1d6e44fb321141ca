/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/marks.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 4096u

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, CHUNK_ID);
}

void marks_sort(struct marks *m)
{
    size_t kept = 0;

    if (m->count > 0)
        qsort(m->ids, m->count, CHUNK_ID, compare);
    for (size_t i = 0; i < m->count; i++) {
        if (kept == 0 || memcmp(m->ids[kept - 1], m->ids[i], CHUNK_ID) != 0)
            memmove(m->ids[kept++], m->ids[i], CHUNK_ID);
    }
    m->count = kept;
}

/* Grows only when less than half of the room was repetitions: sorting stays rare, too. */
static int make_room(struct marks *m)
{
    size_t room = m->room ? 2 * m->room : ROOM_MIN;
    void *ids;

    marks_sort(m);
    if (m->count < m->room / 2)
        return 0;
    ids = realloc(m->ids, room * CHUNK_ID);
    if (!ids)
        return -1;
    m->ids = ids;
    m->room = room;
    return 0;
}

int marks_add(struct marks *m, const struct index *x)
{
    for (size_t i = 0; i < x->count; i++) {
        const uint8_t *id = index_chunk(x, i);

        if (i > 0 && memcmp(id, index_chunk(x, i - 1), CHUNK_ID) == 0)
            continue;
        if (m->count == m->room && make_room(m))
            return -1;
        memcpy(m->ids[m->count++], id, CHUNK_ID);
    }
    return 0;
}

bool marks_has(const struct marks *m, const uint8_t id[CHUNK_ID])
{
    return m->count > 0 && bsearch(id, m->ids, m->count, CHUNK_ID, compare);
}

void marks_release(struct marks *m)
{
    free(m->ids);
    *m = (struct marks){0};
}
