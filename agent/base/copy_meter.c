/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/copy_meter.h"

#include "agent/base/clock.h"

#define REPORT_MS 1000

void copy_meter_begin(struct copy_meter *m, const struct progress *p, const char *step, const char *what)
{
    *m = (struct copy_meter){.progress = p, .step = step, .what = what, .begun_ms = clock_ms()};
}

static void report(struct copy_meter *m, uint64_t done, uint64_t total, uint64_t now)
{
    struct progress_report r = {
        .step = m->step, .what = m->what, .done = done, .total = total, .moved = done, .seconds_left = UINT32_MAX};

    m->reported_ms = now;
    if (now > m->begun_ms)
        r.rate = done * 1000 / (now - m->begun_ms);
    if (r.rate && total >= done && (total - done) / r.rate < UINT32_MAX)
        r.seconds_left = (uint32_t)((total - done) / r.rate);
    if (m->progress->report)
        m->progress->report(m->progress->arg, &r);
}

int copy_meter_count(struct copy_meter *m, uint64_t done, uint64_t total, struct failure *f)
{
    uint64_t now = clock_ms();

    if (m->progress->cancelled && m->progress->cancelled(m->progress->arg))
        return fail(f, "cancelled", "the %s was cancelled", m->step);
    if (now - m->reported_ms >= REPORT_MS)
        report(m, done, total == UINT64_MAX ? 0 : total, now);
    return 0;
}

void copy_meter_end(struct copy_meter *m, uint64_t done)
{
    report(m, done, done, clock_ms());
}
