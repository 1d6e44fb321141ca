/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_assign.h"

#include <string.h>

#include "server/identity.h"
#include "server/job_steps.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/machines.h"

const char *assign_when_idle(const json_t *machine)
{
    return row_integer(machine, "waits") ? "wait" : "reboot";
}

/* What the machine is to be goes to it with a job that puts a system on its disks, and with no other. */
static json_t *identity_view(const json_t *job, const json_t *machine)
{
    json_t *identity, *fields;

    if (strcmp(row_text(job, "kind"), "deploy") != 0)
        return json_null();
    identity = json_loads(row_text(machine, "identity"), 0, NULL);
    fields = json_loads(row_text(machine, "fields"), 0, NULL);
    if (!identity)
        identity = json_object();
    identity_complete(identity);
    json_object_set_new(identity, "host_name", json_string(row_text(machine, "name")));
    json_object_set_new(identity, "fields", fields ? fields : json_object());
    return identity;
}

/* An image that exists was this job's: its step is not done again, it would be refused. */
static json_int_t steps_done(struct server *s, const json_t *job, const json_t *steps)
{
    struct job_summary summary;

    job_steps_summarise(steps, &summary);
    if (summary.capture > row_integer(job, "done") && jobs_has_made_image(s, job))
        return summary.capture;
    return row_integer(job, "done");
}

static json_t *agent_view(struct server *s, const json_t *job, const json_t *machine)
{
    const char *token = row_text(job, "confirm_token");
    json_t *steps = job_steps_of(job);

    return json_pack("{s:I, s:s, s:I, s:I, s:o, s:o, s:s, s:s, s:b, s:s*}", "id", (json_int_t)row_integer(job, "id"),
                     "token", row_text(job, "token"), "starts", (json_int_t)row_integer(job, "starts") + 1, "done",
                     steps_done(s, job, steps), "steps", steps, "identity", identity_view(job, machine), "finish",
                     row_text(job, "finish"), "boot_order", row_text(job, "boot_order"), "confirm", token[0] != 0,
                     "confirm_token", token[0] ? token : NULL);
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
        view = agent_view(s, job, machine);
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
    else if (jobs_image_was_all(s, job))
        rc = jobs_end(s, job, "succeeded", "", "the image was complete when the agent was cut off", r);
    else if (row_integer(job, "starts") >= STARTS_MAX)
        rc = jobs_end(s, job, "failed", "too-many-starts", "the agent started three times and never finished", r);
    else
        view = start(s, job, r);
    json_decref(job);
    return rc ? NULL : view;
}
