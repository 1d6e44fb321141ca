/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/memory_ranges.h"

/* The last byte, which unlike the end is a number even where the range goes up to the last address. */
static uint64_t last_of(uint64_t start, uint64_t size)
{
    return size - 1 > UINT64_MAX - start ? UINT64_MAX : start + (size - 1);
}

static bool overlaps(const struct memory_range *r, uint64_t start, uint64_t last)
{
    return r->size > 0 && r->start <= last && start <= last_of(r->start, r->size);
}

/* What stands in the way of using [start, last]; NULL: nothing. */
static const struct memory_range *obstacle(const struct memory_ranges *m, uint64_t start, uint64_t last)
{
    for (unsigned i = 0; i < m->taken_count; i++)
        if (overlaps(&m->taken[i], start, last))
            return &m->taken[i];
    for (unsigned i = 0; i < m->count; i++)
        if (m->map[i].type != MEMORY_USABLE && overlaps(&m->map[i], start, last))
            return &m->map[i];
    return NULL;
}

bool memory_ranges_free(const struct memory_ranges *m, uint64_t start, uint64_t size)
{
    uint64_t last = last_of(start, size);

    if (size == 0 || last - start != size - 1 || obstacle(m, start, last))
        return false;
    for (unsigned i = 0; i < m->count; i++) {
        const struct memory_range *r = &m->map[i];

        if (r->type == MEMORY_USABLE && r->size > 0 && start >= r->start && last <= last_of(r->start, r->size))
            return true;
    }
    return false;
}

/* The highest page in [low, last] from which `size` bytes are clear of obstacles; 0: none. */
static uint64_t highest(const struct memory_ranges *m, uint64_t low, uint64_t last, uint64_t size)
{
    while (last >= low && last - low >= size - 1) {
        uint64_t start = (last - (size - 1)) & ~(uint64_t)(MEMORY_PAGE - 1);
        const struct memory_range *other;

        if (start < low)
            return 0;
        other = obstacle(m, start, start + (size - 1));
        if (!other)
            return start;
        if (other->start == 0)
            return 0;
        last = other->start - 1;
    }
    return 0;
}

uint64_t memory_ranges_take(struct memory_ranges *m, uint64_t size, uint64_t low, uint64_t high)
{
    uint64_t best = 0;

    if (size == 0 || m->taken_count == MEMORY_TAKEN_MAX)
        return 0;
    for (unsigned i = 0; i < m->count; i++) {
        const struct memory_range *r = &m->map[i];
        uint64_t last, at;

        if (r->type != MEMORY_USABLE || r->size == 0)
            continue;
        last = last_of(r->start, r->size);
        at = highest(m, r->start > low ? r->start : low, last < high ? last : high, size);
        if (at > best)
            best = at;
    }
    if (best)
        m->taken[m->taken_count++] = (struct memory_range){.start = best, .size = size, .type = MEMORY_USABLE};
    return best;
}

void memory_ranges_shrink(struct memory_ranges *m, uint64_t start, uint64_t size)
{
    unsigned i = 0;

    while (i < m->taken_count && m->taken[i].start != start)
        i++;
    if (i == m->taken_count)
        return;
    if (size == 0)
        m->taken[i] = m->taken[--m->taken_count];
    else if (size < m->taken[i].size)
        m->taken[i].size = size;
}
