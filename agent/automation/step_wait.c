/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>

#include "agent/automation/step.h"
#include "agent/base/clock.h"
#include "agent/base/console.h"

/* How often it looks whether the server has said something; it is asked with every heartbeat of the events. */
#define LOOK_MS 200

static bool is_over(const struct step_work *w, uint64_t begun_ms)
{
    if (!w->step->seconds)
        return events_continued(w->events) >= w->number;
    return clock_ms() - begun_ms >= w->step->seconds * 1000ull;
}

int step_wait(const struct step_work *w, struct failure *f)
{
    const struct progress_report r = {.step = "wait", .what = "", .seconds_left = UINT32_MAX};
    uint64_t begun_ms = clock_ms();

    if (!w->step->seconds)
        console_line("waiting: slipway job continue %llu", (unsigned long long)w->job->id);
    events_progress(w->events, &r);
    while (!is_over(w, begun_ms)) {
        if (events_cancelled(w->events))
            return fail(f, "cancelled", "cancelled while it was waiting");
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
    return 0;
}
