/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_assign.h"

#include <string.h>

#include "server/job_options.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/machines.h"

const char *assign_when_idle(const json_t *machine)
{
    return row_integer(machine, "waits") ? "wait" : "reboot";
}

static json_t *agent_view(const json_t *job, const json_t *machine)
{
    json_t *fields = json_loads(row_text(machine, "fields"), 0, NULL);
    json_t *view =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:{s:s, s:o?}, s:I}", "id", (json_int_t)row_integer(job, "id"), "token",
                  row_text(job, "token"), "kind", row_text(job, "kind"), "image", row_text(job, "image"), "finish",
                  row_text(job, "finish"), "identity", "host_name", row_text(machine, "name"), "fields", fields, "starts",
                  (json_int_t)row_integer(job, "starts") + 1);

    if (view) {
        jobs_set_disks(view, job);
        job_options_show(view, job);
    }
    return view;
}

static int count_start(struct server *s, const json_t *job, struct refusal *r)
{
    int64_t now = clock_ms(), id = row_integer(job, "id");

    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(s->database, r,
                     "UPDATE jobs SET state = 'running', starts = starts + 1, seq = 0, heard = ?,"
                     " started = COALESCE(started, ?) WHERE id = ?",
                     "iii", now, now, id) < 0) {
        database_rollback(s->database);
        return -1;
    }
    if (database_commit(s->database, r))
        return -1;
    log_line("job %lld (%s %s on %s) running, start %lld", (long long)id, row_text(job, "kind"), row_text(job, "image"),
             row_text(job, "machine_name"), (long long)row_integer(job, "starts") + 1);
    return 0;
}

static json_t *start(struct server *s, const json_t *job, struct refusal *r)
{
    json_t *machine = machines_get(s, row_integer(job, "machine"), r), *view = NULL;

    if (machine && count_start(s, job, r) == 0) {
        view = agent_view(job, machine);
        if (!view)
            refuse(r, 500, "internal", "out of memory");
    }
    json_decref(machine);
    return view;
}

json_t *assign_job(struct server *s, int64_t machine, struct refusal *r)
{
    json_t *job = database_row(s->database, r,
                               "SELECT * FROM jobs WHERE machine = ? AND state IN ('queued', 'running', 'cancelling')",
                               "i", machine);
    json_t *view = json_null();
    int rc = 0;

    if (!job || json_is_null(job))
        return job;
    if (strcmp(row_text(job, "state"), "cancelling") == 0)
        rc = jobs_end(s, job, "cancelled", "cancelled", "the agent started again after it was told to stop", r);
    else if (jobs_has_made_image(s, job))
        rc = jobs_end(s, job, "succeeded", "", "the image was complete when the agent was cut off", r);
    else if (row_integer(job, "starts") >= STARTS_MAX)
        rc = jobs_end(s, job, "failed", "too-many-starts", "the agent started three times and never finished", r);
    else
        view = start(s, job, r);
    json_decref(job);
    return rc ? NULL : view;
}
