/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_events.h"

#include <string.h>

#include "server/images.h"
#include "server/job_confirm.h"
#include "server/job_steps.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/machine_systems.h"
#include "server/names.h"

#define MESSAGE_MAX 1024

struct event {
    int64_t start, seq;
    int64_t number; /* of the step in the job's list, from 1; 0: none of them */
    const char *event, *step, *message;
    const char *result, *reason; /* NULL unless a finish */
    const json_t *systems;       /* NULL: it says nothing of them */
    bool ends_job;
};

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static int read_finish(struct event *e, json_t *body, struct refusal *r)
{
    e->result = row_text(body, "result");
    e->reason = row_text(body, "reason");
    e->ends_job = strcmp(e->step, "job") == 0;
    if (!is_one_of(e->result, "succeeded", "failed", "cancelled"))
        return refuse(r, 400, "bad-request", "\"result\" must be succeeded, failed or cancelled");
    if (e->reason[0] && !name_is_word(e->reason))
        return refuse(r, 400, "bad-request", "\"reason\" must be a word");
    if (strcmp(e->result, "failed") == 0 && !e->reason[0])
        return refuse(r, 400, "bad-request", "a finish that failed needs a \"reason\"");
    e->systems = json_object_get(body, "systems");
    if (e->systems && !machine_systems_valid(e->systems))
        return refuse(r, 400, "bad-request", "\"systems\" must be a list of operating systems");
    return 0;
}

static int read_event(struct event *e, json_t *body, struct refusal *r)
{
    e->start = row_integer(body, "start");
    e->seq = row_integer(body, "seq");
    e->number = row_integer(body, "number");
    e->event = row_text(body, "event");
    e->step = row_text(body, "step");
    e->message = row_text(body, "message");
    if (e->start < 1 || e->seq < 1)
        return refuse(r, 400, "bad-request", "\"start\" and \"seq\" must be numbers from 1");
    if (!is_one_of(e->event, "start", "progress", "finish"))
        return refuse(r, 400, "bad-request", "\"event\" must be start, progress or finish");
    if (e->number < 0 || e->number > JOB_STEPS_MAX)
        return refuse(r, 400, "bad-request", "\"number\" must be that of a step");
    if (!name_is_word(e->step))
        return refuse(r, 400, "bad-request", "\"step\" must be a word");
    if (strlen(e->message) > MESSAGE_MAX)
        return refuse(r, 400, "bad-request", "\"message\" is longer than %d bytes", MESSAGE_MAX);
    return strcmp(e->event, "finish") == 0 ? read_finish(e, body, r) : 0;
}

/* "partition 2 of 3, ext4: 40%, ..." of the same partition. */
static bool is_same_part(const char *a, const char *b)
{
    size_t part = strcspn(a, ":");

    return part == strcspn(b, ":") && strncmp(a, b, part) == 0;
}

/* Progress with bytes comes every second, for hours: of each part the first is kept for ever. Lines for people are. */
static bool worth_keeping(const struct event *e, const json_t *job, const json_t *body)
{
    const char *last = row_text(job, "message");

    if (strcmp(e->event, "progress") != 0)
        return true;
    return json_object_get(body, "bytes_total") ? !is_same_part(e->message, last) : strcmp(e->message, last) != 0;
}

static int save(struct server *s, const json_t *job, const struct event *e, json_t *body, struct refusal *r)
{
    int64_t id = row_integer(job, "id"), now = clock_ms();

    if (worth_keeping(e, job, body) &&
        database_run(s->database, r,
                     "INSERT INTO events(job, time, start, seq, event, step, result, reason, message)"
                     " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "iiiisssss", id, now, e->start, e->seq, e->event, e->step, e->result, e->reason, e->message) < 0)
        return -1;
    if (database_run(s->database, r, "UPDATE jobs SET seq = ?, heard = ?, step = ?, message = ? WHERE id = ?", "iissi",
                     e->seq, now, e->step, e->message, id) < 0)
        return -1;
    if (e->number && e->result && strcmp(e->result, "succeeded") == 0 &&
        database_run(s->database, r, "UPDATE jobs SET done = MAX(done, ?) WHERE id = ?", "ii", e->number, id) < 0)
        return -1;
    if (e->systems && machine_systems_keep(s, row_integer(job, "machine"), e->systems, r))
        return -1;
    if (strcmp(e->event, "progress") != 0 || !json_object_get(body, "bytes_total"))
        return 0;
    return database_run(
               s->database, r,
               "UPDATE jobs SET bytes_done = ?, bytes_total = ?, rate = ?, seconds_left = NULLIF(?, -1)"
               " WHERE id = ?",
               "iiiii", row_integer(body, "bytes_done"), row_integer(body, "bytes_total"), row_integer(body, "rate"),
               json_is_integer(json_object_get(body, "seconds_left")) ? row_integer(body, "seconds_left") : (int64_t)-1,
               id) < 0
               ? -1
               : 0;
}

/* An agent that says it has captured an image which is not here is not believed. */
static void doubt(struct server *s, const json_t *job, struct event *e)
{
    if (strcmp(e->result, "succeeded") == 0 && strcmp(row_text(job, "kind"), "capture") == 0 &&
        !image_exists(s, row_text(job, "image"))) {
        e->result = "failed";
        e->reason = "bad-image";
        e->message = "the agent reported success, but its image is not in the store";
    }
}

static int end(struct server *s, const json_t *job, const struct event *e, struct refusal *r)
{
    if (job_confirm_waits(job, e->result))
        return job_confirm_begin(s, job, r);
    return jobs_mark_ended(s, job, e->result, e->reason, e->message, r);
}

static int take(struct server *s, const json_t *job, struct event *e, json_t *body, struct refusal *r)
{
    bool durable = strcmp(e->event, "progress") != 0;

    if (e->ends_job)
        doubt(s, job, e);
    if (database_begin(s->database, durable, r))
        return -1;
    if (save(s, job, e, body, r) < 0 || (e->ends_job && end(s, job, e, r))) {
        database_rollback(s->database);
        return -1;
    }
    if (database_commit(s->database, r))
        return -1;
    if (e->ends_job)
        jobs_settle(s, job, job_confirm_waits(job, e->result) ? "confirming" : e->result, e->reason, e->message);
    else if (durable)
        log_line("job %lld: %s of %s%s%s", (long long)row_integer(job, "id"), e->event, e->step, e->result ? ": " : "",
                 e->result ? e->result : "");
    return 0;
}

/* Whether to stop, and up to which waiting step to go on. */
static json_t *answer(const json_t *job)
{
    json_t *json = json_pack("{s:b}", "cancel", strcmp(row_text(job, "state"), "cancelling") == 0);

    if (row_integer(job, "continued"))
        json_object_set_new(json, "continue", json_integer(row_integer(job, "continued")));
    return json;
}

json_t *events_take(struct server *s, const json_t *job, json_t *body, struct refusal *r)
{
    int64_t starts = row_integer(job, "starts");
    struct event e = {0};
    bool seen, over;

    if (read_event(&e, body, r))
        return NULL;
    if (e.start > starts)
        return refuse(r, 400, "bad-request", "start %lld was never handed out", (long long)e.start), NULL;
    seen = e.start == starts && e.seq <= row_integer(job, "seq");
    over = e.start < starts || !jobs_unfinished(job);
    if (!seen && over)
        return refuse(r, 409, "job-over", "job %lld %s", (long long)row_integer(job, "id"),
                      jobs_unfinished(job) ? "was started again by another agent" : "has ended"),
               NULL;
    if (!seen && take(s, job, &e, body, r))
        return NULL;
    return answer(job);
}
