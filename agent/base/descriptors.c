/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/descriptors.h"

#include <limits.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST 3 /* behind the standard ones */

/* The smallest one that is kept and not below `from`, or UINT_MAX. */
static unsigned next_kept(const int *keep, size_t count, unsigned from)
{
    unsigned next = UINT_MAX;

    for (size_t i = 0; i < count; i++)
        if (keep[i] >= 0 && (unsigned)keep[i] >= from && (unsigned)keep[i] < next)
            next = (unsigned)keep[i];
    return next;
}

int descriptors_unshare(const int *keep, size_t count)
{
    unsigned from = FIRST, next;

    if (unshare(CLONE_FILES))
        return -1;
    do {
        next = next_kept(keep, count, from);
        if (next > from && syscall(SYS_close_range, from, next == UINT_MAX ? next : next - 1, 0))
            return -1;
        from = next + 1;
    } while (next != UINT_MAX);
    return 0;
}
