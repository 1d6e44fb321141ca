/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/jobs.h"

#include <string.h>

#include "server/images.h"
#include "server/imports.h"
#include "server/job_steps.h"
#include "server/log.h"
#include "server/pxe.h"
#include "server/staging.h"
#include "server/sweep.h"

/* A job is heard of with every chunk: once in a while is enough to write down. */
#define HEARD_MS 5000

bool jobs_unfinished(const json_t *job)
{
    const char *state = row_text(job, "state");

    return strcmp(state, "queued") == 0 || strcmp(state, "running") == 0 || strcmp(state, "cancelling") == 0;
}

bool jobs_has_made_image(const struct server *s, const json_t *job)
{
    return strcmp(row_text(job, "kind"), "capture") == 0 && row_integer(job, "starts") > 0 &&
           image_exists(s, row_text(job, "image"));
}

bool jobs_image_was_all(const struct server *s, const json_t *job)
{
    struct job_summary summary;
    json_t *steps = job_steps_of(job);

    job_steps_summarise(steps, &summary);
    json_decref(steps);
    return summary.capture == summary.count && !row_text(job, "confirm_token")[0] && jobs_has_made_image(s, job);
}

json_t *jobs_get(struct server *s, int64_t id, struct refusal *r)
{
    json_t *row = database_row(s->database, r, "SELECT * FROM jobs WHERE id = ?", "i", id);

    if (!json_is_null(row))
        return row;
    refuse(r, 404, "no-such-job", "there is no job %lld", (long long)id);
    return NULL;
}

json_t *jobs_by_token(struct server *s, const char *token, int64_t id, bool ended_too, struct refusal *r)
{
    json_t *row =
        database_row(s->database, r, "SELECT * FROM jobs WHERE token = ? AND (id = ? OR ? = 0)", "sii", token, id, id);

    if (!row)
        return NULL;
    if (json_is_null(row)) {
        refuse(r, 401, "bad-token", token[0] ? "the token is not this job's" : "the job's token is missing");
        return NULL;
    }
    if (ended_too || jobs_unfinished(row))
        return row;
    refuse(r, 409, "job-over", "job %lld has ended: %s", (long long)row_integer(row, "id"), row_text(row, "state"));
    json_decref(row);
    return NULL;
}

int jobs_mark_ended(struct server *s, const json_t *job, const char *state, const char *reason, const char *message,
                    struct refusal *r)
{
    bool orphans = strcmp(row_text(job, "kind"), "capture") == 0 && strcmp(state, "succeeded") != 0 &&
                   row_integer(job, "starts") > 0;

    if (database_run(s->database, r, "UPDATE jobs SET state = ?, reason = ?, message = ?, ended = ? WHERE id = ?",
                     "sssii", state, reason, message, clock_ms(), row_integer(job, "id")) < 0)
        return -1;
    /* What a capture that failed has stored belongs to no image. */
    return orphans ? sweep_want(s, r) : 0;
}

void jobs_settle(struct server *s, const json_t *job, const char *state, const char *reason, const char *message)
{
    staging_remove(s, row_integer(job, "id"));
    pxe_write(s, row_integer(job, "machine"));
    pxe_reload(s);
    server_changed(s);
    log_line("job %lld (%s %s on %s) %s%s%s%s%s", (long long)row_integer(job, "id"), row_text(job, "kind"),
             row_text(job, "image"), row_text(job, "machine_name"), state, reason[0] ? ": " : "", reason,
             message[0] ? ": " : "", message);
}

int jobs_end(struct server *s, const json_t *job, const char *state, const char *reason, const char *message,
             struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (jobs_mark_ended(s, job, state, reason, message, r)) {
        database_rollback(s->database);
        return -1;
    }
    if (database_commit(s->database, r))
        return -1;
    jobs_settle(s, job, state, reason, message);
    return 0;
}

static int ask_to_stop(struct server *s, const json_t *job, struct refusal *r)
{
    int64_t id = row_integer(job, "id");

    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(s->database, r, "UPDATE jobs SET state = 'cancelling' WHERE id = ?", "i", id) < 0) {
        database_rollback(s->database);
        return -1;
    }
    if (database_commit(s->database, r))
        return -1;
    log_line("job %lld cancelling: waiting for the agent to stop", (long long)id);
    return 0;
}

json_t *jobs_cancel(struct server *s, int64_t id, struct refusal *r)
{
    json_t *job = jobs_get(s, id, r);
    int rc = 0;

    if (!job)
        return NULL;
    if (strcmp(row_text(job, "state"), "queued") == 0)
        rc = jobs_end(s, job, "cancelled", "cancelled", "cancelled before it began", r);
    else if (strcmp(row_text(job, "state"), "confirming") == 0 || (imports_is(job) && jobs_unfinished(job)))
        rc = jobs_end(s, job, "cancelled", "cancelled", "cancelled by the administrator", r);
    else if (strcmp(row_text(job, "state"), "running") == 0)
        rc = ask_to_stop(s, job, r);
    json_decref(job);
    return rc ? NULL : jobs_show(s, id, r);
}

/* The number of the step at which a running job waits for somebody, 0 when it does not. */
static int64_t waiting_step(const json_t *job)
{
    json_t *steps = job_steps_of(job);
    int64_t number = row_integer(job, "done") + 1;
    const json_t *step = json_array_get(steps, (size_t)number - 1);
    bool waits = strcmp(row_text(job, "state"), "running") == 0 && strcmp(row_text(step, "step"), "wait") == 0 &&
                 !json_object_get(step, "seconds");

    json_decref(steps);
    return waits ? number : 0;
}

json_t *jobs_continue(struct server *s, int64_t id, struct refusal *r)
{
    json_t *job = jobs_get(s, id, r);
    int64_t number = job ? waiting_step(job) : 0;
    int rc = -1;

    if (!job)
        return NULL;
    if (number == 0)
        refuse(r, 409, "job-not-waiting", "job %lld does not wait for anybody", (long long)id);
    else
        rc = database_run(s->database, r, "UPDATE jobs SET continued = ? WHERE id = ?", "ii", number, id);
    json_decref(job);
    return rc < 0 ? NULL : jobs_show(s, id, r);
}

int jobs_heard(struct server *s, const json_t *job, struct refusal *r)
{
    int64_t now = clock_ms();

    if (now - row_integer(job, "heard") < HEARD_MS)
        return 0;
    if (database_begin(s->database, false, r))
        return -1;
    if (database_run(s->database, r, "UPDATE jobs SET heard = ? WHERE id = ?", "ii", now, row_integer(job, "id")) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

static int end_silent(struct server *s, const json_t *job, struct refusal *r)
{
    if (strcmp(row_text(job, "state"), "confirming") == 0)
        return jobs_end(s, job, "failed", "not-confirmed", "the production system has not been seen since", r);
    if (jobs_image_was_all(s, job))
        return jobs_end(s, job, "succeeded", "", "the image was complete when the agent fell silent", r);
    return jobs_end(s, job, "failed", "silent", "the machine has sent nothing for too long", r);
}

int jobs_end_silent(struct server *s, struct refusal *r)
{
    json_t *rows = database_rows(s->database, r,
                                 "SELECT * FROM jobs WHERE (state IN ('running', 'cancelling') AND heard < ?)"
                                 " OR (state = 'confirming' AND heard < ?)",
                                 "ii", clock_ms() - s->silence_ms, clock_ms() - s->confirm_ms);
    int rc = rows ? 0 : -1;
    json_t *job;
    size_t i;

    json_array_foreach(rows, i, job)
    {
        if (end_silent(s, job, r))
            rc = -1;
    }
    json_decref(rows);
    return rc;
}
