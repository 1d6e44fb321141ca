/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/housekeeping.h"

#include <time.h>

#include "server/jobs.h"
#include "server/log.h"
#include "server/sweep.h"

/* After a sweep that failed, the next try comes no sooner than this. */
#define SWEEP_PAUSE_MS (60 * 1000)

static void wait_a_second(struct server *s)
{
    int64_t end = clock_ms() + 1000;
    struct timespec until = {.tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000};

    while (!s->stopping && clock_ms() < end)
        pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

static bool sweep_is_due(struct server *s)
{
    struct refusal r;
    int64_t wanted = 0;
    json_t *capture;
    bool idle;

    if (server_setting(s, "sweep-wanted", &wanted, &r) || !wanted)
        return false;
    capture = database_row(s->database, &r,
                           "SELECT id FROM jobs WHERE kind = 'capture' AND state IN ('running', 'cancelling')", "");
    idle = json_is_null(capture);
    json_decref(capture);
    return idle;
}

void *housekeeping_run(void *server)
{
    struct server *s = server;
    int64_t next_sweep = 0;
    struct refusal r;

    server_lock(s);
    while (!s->stopping) {
        jobs_end_silent(s, &r);
        if (clock_ms() >= next_sweep && sweep_is_due(s)) {
            struct sweep_result swept;

            server_unlock(s);
            if (sweep_if_idle(s, &swept, &r)) {
                log_line("sweep failed: %s", r.message);
                next_sweep = clock_ms() + SWEEP_PAUSE_MS;
            }
            server_lock(s);
        }
        wait_a_second(s);
    }
    server_unlock(s);
    return NULL;
}
