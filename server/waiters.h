/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waits for a job: a machine that was reset leaves its old long poll hanging, and a job handed to that one would be
 * lost. Only the newest check-in or poll of a machine may get a job; an older one ends empty. */
#ifndef SLIPWAY_SERVER_WAITERS_H
#define SLIPWAY_SERVER_WAITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct waiters {
    struct waiter {
        int64_t machine;
        uint64_t turn;
    } * list;
    size_t count, room;
    uint64_t turns;
};

/* Makes the caller the newest for `machine`. Returns its turn, or 0 when out of memory. */
uint64_t waiters_enter(struct waiters *w, int64_t machine);

/* Whether nobody came after `turn` for the same machine. */
bool waiters_newest(const struct waiters *w, int64_t machine, uint64_t turn);

void waiters_release(struct waiters *w);

#endif
