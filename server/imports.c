/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/imports.h"

#include <string.h>

#include "server/digest.h"
#include "server/images.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/machines.h"
#include "server/names.h"

#define MESSAGE_MAX 400
#define OPTIONS "{\"import\":true}"

bool imports_is(const json_t *job)
{
    return strcmp(row_text(job, "options"), OPTIONS) == 0;
}

static int insert(struct server *s, const char *image, const char *token, struct refusal *r)
{
    int64_t now = clock_ms();

    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(
            s->database, r,
            "INSERT INTO jobs(machine, machine_name, kind, image, options, finish, state, starts, token,"
            " created, started, heard) VALUES(NULL, 'import', 'capture', ?, ?, 'hold', 'running', 1, ?, ?, ?, ?)",
            "sssiii", image, OPTIONS, token, now, now, now) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

json_t *imports_begin(struct server *s, const json_t *body, struct refusal *r)
{
    const char *image = row_text(body, "image");
    char token[TOKEN_TEXT];
    int64_t id;

    if (jobs_check_new_image(s, image, r))
        return NULL;
    if (digest_token(token)) {
        refuse(r, 500, "internal", "no random numbers");
        return NULL;
    }
    if (insert(s, image, token, r))
        return NULL;
    id = database_inserted(s->database);
    log_line("job %lld (import %s) running", (long long)id, image);
    return json_pack("{s:I, s:s, s:s}", "id", (json_int_t)id, "token", token, "url", s->url);
}

static int take(struct server *s, const json_t *job, const json_t *body, struct refusal *r)
{
    const char *result = row_text(body, "result"), *message = row_text(body, "message");
    bool done = strcmp(result, "succeeded") == 0, running = strcmp(result, "running") == 0;

    if ((!done && !running && strcmp(result, "failed") != 0) || !name_is_line(message, MESSAGE_MAX))
        return refuse(r, 400, "bad-request",
                      "\"result\" must be running, succeeded or failed, \"message\" one line of at most %d bytes",
                      MESSAGE_MAX);
    if (!jobs_unfinished(job))
        return refuse(r, 409, "job-over", "job %lld has ended: %s", (long long)row_integer(job, "id"),
                      row_text(job, "state"));
    if (running)
        return jobs_heard(s, job, r);
    /* What was said is not enough: the image is there when its manifest was taken. */
    if (done && !image_exists(s, row_text(job, "image")))
        return jobs_end(s, job, "failed", "internal", "the import ended without its image", r);
    return jobs_end(s, job, result, done ? "" : "import", message, r);
}

json_t *imports_tell(struct server *s, int64_t id, const json_t *body, struct refusal *r)
{
    json_t *job = jobs_get(s, id, r);
    int rc;

    if (!job)
        return NULL;
    rc =
        imports_is(job) ? take(s, job, body, r) : refuse(r, 404, "no-such-job", "job %lld is no import", (long long)id);
    json_decref(job);
    return rc ? NULL : jobs_show(s, id, r);
}
