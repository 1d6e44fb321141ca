/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/jobs.h"

#include <string.h>

#include "server/imports.h"
#include "server/job_steps.h"

#define WITH_NAMES                                                                                                     \
    "SELECT jobs.*, COALESCE(machines.name, machine_name) AS machine_now FROM jobs"                                    \
    " LEFT JOIN machines ON machines.id = jobs.machine "

json_t *jobs_describe(const json_t *job)
{
    static const char *const same[] = {"id",      "kind",       "image", "finish",      "boot_order",
                                       "state",   "starts",     "done",  "step",        "reason",
                                       "message", "bytes_done", "rate",  "bytes_total", "seconds_left"};
    static const char *const times[] = {"created", "started", "ended"};
    json_t *view = json_object(), *name = json_object_get(job, "machine_now");

    json_object_set(view, "machine", name ? name : json_object_get(job, "machine_name"));
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        json_object_set(view, same[i], json_object_get(job, same[i]));
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        json_object_set_new(view, times[i], row_time(job, times[i]));
    json_object_set_new(view, "steps", job_steps_of(job));
    json_object_set_new(view, "confirm", json_boolean(row_text(job, "confirm_token")[0]));
    if (imports_is(job))
        json_object_set_new(view, "import", json_true());
    return view;
}

json_t *jobs_list(struct server *s, struct refusal *r)
{
    json_t *rows = database_rows(s->database, r, WITH_NAMES "ORDER BY jobs.id DESC LIMIT 1000", "");
    json_t *list = rows ? json_array() : NULL, *row;
    size_t i;

    json_array_foreach(rows, i, row) json_array_append_new(list, jobs_describe(row));
    json_decref(rows);
    return list ? json_pack("{s:o}", "jobs", list) : NULL;
}

json_t *jobs_show(struct server *s, int64_t id, struct refusal *r)
{
    json_t *row = database_row(s->database, r, WITH_NAMES "WHERE jobs.id = ?", "i", id);
    json_t *events = database_rows(s->database, r,
                                   "SELECT time, start, seq, event, step, result, reason, message FROM events"
                                   " WHERE job = ? ORDER BY id",
                                   "i", id);
    json_t *view = NULL, *event;
    size_t i;

    if (row && json_is_null(row)) {
        refuse(r, 404, "no-such-job", "there is no job %lld", (long long)id);
    } else if (row && events) {
        json_array_foreach(events, i, event) json_object_set_new(event, "time", row_time(event, "time"));
        view = jobs_describe(row);
        json_object_set(view, "events", events);
    }
    json_decref(row);
    json_decref(events);
    return view;
}
