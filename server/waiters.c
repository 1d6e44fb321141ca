/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/waiters.h"

#include <stdlib.h>

static struct waiter *find(const struct waiters *w, int64_t machine)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->list[i].machine == machine)
            return &w->list[i];
    }
    return NULL;
}

static struct waiter *append(struct waiters *w, int64_t machine)
{
    if (w->count == w->room) {
        size_t room = w->room ? 2 * w->room : 64;
        struct waiter *list = realloc(w->list, room * sizeof(*list));

        if (!list)
            return NULL;
        w->list = list;
        w->room = room;
    }
    w->list[w->count] = (struct waiter){.machine = machine};
    return &w->list[w->count++];
}

uint64_t waiters_enter(struct waiters *w, int64_t machine)
{
    struct waiter *mine = find(w, machine);

    if (!mine)
        mine = append(w, machine);
    if (!mine)
        return 0;
    mine->turn = ++w->turns;
    return mine->turn;
}

bool waiters_newest(const struct waiters *w, int64_t machine, uint64_t turn)
{
    const struct waiter *mine = find(w, machine);

    return mine && mine->turn == turn;
}

void waiters_release(struct waiters *w)
{
    free(w->list);
    *w = (struct waiters){0};
}
