/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/api.h"

#include "server/images.h"
#include "server/imports.h"
#include "server/job_files.h"
#include "server/jobs.h"
#include "server/machine_import.h"
#include "server/machines.h"
#include "server/name_pattern.h"

/* The lock is given back and the answer, which is NULL after a failure, sent. */
static int unlock_and_reply(struct request *q, struct reply *ret, int status, json_t *answer, struct refusal *r)
{
    server_unlock(q->server);
    return answer ? reply_json(ret, status, answer, r) : -1;
}

static int list_machines(struct request *q, struct reply *ret, struct refusal *r)
{
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, machines_list(q->server, r), r);
}

static int get_machine(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *row, *answer;

    server_lock(q->server);
    row = machines_find(q->server, q->param[0], r);
    answer = row ? machines_describe(q->server, row, r) : NULL;
    json_decref(row);
    return unlock_and_reply(q, ret, 200, answer, r);
}

static int add_machine(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *answer;

    if (!body)
        return -1;
    server_lock(q->server);
    answer = machines_add(q->server, body, r);
    json_decref(body);
    return unlock_and_reply(q, ret, 201, answer, r);
}

static int change_machine(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *answer;

    if (!body)
        return -1;
    server_lock(q->server);
    answer = machines_change(q->server, q->param[0], body, r);
    json_decref(body);
    return unlock_and_reply(q, ret, 200, answer, r);
}

static int import_machines(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *answer;

    if (!body)
        return -1;
    server_lock(q->server);
    answer = machines_import(q->server, body, r);
    json_decref(body);
    return unlock_and_reply(q, ret, 200, answer, r);
}

static json_t *pattern_view(struct server *s, struct refusal *r)
{
    json_t *pattern = name_pattern_get(s, r);

    return pattern ? json_pack("{s:o}", "pattern", pattern) : NULL;
}

static int get_pattern(struct request *q, struct reply *ret, struct refusal *r)
{
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, pattern_view(q->server, r), r);
}

static int put_pattern(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r);
    const char *pattern = json_string_value(json_object_get(body, "pattern"));
    int rc;

    if (!body)
        return -1;
    server_lock(q->server);
    rc = pattern ? name_pattern_set(q->server, pattern, r)
                 : refuse(r, 400, "bad-request", "\"pattern\" must be a string");
    json_decref(body);
    return unlock_and_reply(q, ret, 200, rc ? NULL : pattern_view(q->server, r), r);
}

static int delete_machine(struct request *q, struct reply *ret, struct refusal *r)
{
    int rc;

    server_lock(q->server);
    rc = machines_delete(q->server, q->param[0], r);
    return unlock_and_reply(q, ret, 200, rc ? NULL : json_object(), r);
}

static int add_jobs(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *answer;

    if (!body)
        return -1;
    server_lock(q->server);
    answer = jobs_create(q->server, body, r);
    json_decref(body);
    return unlock_and_reply(q, ret, 201, answer, r);
}

static int list_jobs(struct request *q, struct reply *ret, struct refusal *r)
{
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, jobs_list(q->server, r), r);
}

static int read_job_id(const struct request *q, int64_t *ret, struct refusal *r)
{
    if (api_number(q->param[0], INT64_MAX, ret))
        return 0;
    return refuse(r, 404, "no-such-job", "'%.40s' is no job's number", q->param[0]);
}

static int get_job(struct request *q, struct reply *ret, struct refusal *r)
{
    int64_t id;

    if (read_job_id(q, &id, r))
        return -1;
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, jobs_show(q->server, id, r), r);
}

static int cancel_job(struct request *q, struct reply *ret, struct refusal *r)
{
    int64_t id;

    if (read_job_id(q, &id, r))
        return -1;
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, jobs_cancel(q->server, id, r), r);
}

static int continue_job(struct request *q, struct reply *ret, struct refusal *r)
{
    int64_t id;

    if (read_job_id(q, &id, r))
        return -1;
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, jobs_continue(q->server, id, r), r);
}

static int list_job_files(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *answer;
    int64_t id;

    if (read_job_id(q, &id, r))
        return -1;
    answer = job_files_list(q->server, id, r);
    return answer ? reply_json(ret, 200, answer, r) : -1;
}

static int get_job_file(struct request *q, struct reply *ret, struct refusal *r)
{
    size_t size;
    int64_t id;
    int fd;

    if (read_job_id(q, &id, r))
        return -1;
    fd = job_file_open(q->server, id, q->param[1], &size, r);
    if (fd < 0)
        return -1;
    *ret = (struct reply){.status = 200, .fd = fd, .size = size, .type = "application/octet-stream"};
    return 0;
}

static int list_images(struct request *q, struct reply *ret, struct refusal *r)
{
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, images_list(q->server, r), r);
}

static int get_image(struct request *q, struct reply *ret, struct refusal *r)
{
    server_lock(q->server);
    return unlock_and_reply(q, ret, 200, image_show(q->server, q->param[0], r), r);
}

static int delete_image(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *answer = image_delete(q->server, q->param[0], r);

    return answer ? reply_json(ret, 200, answer, r) : -1;
}

static int begin_import(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *answer;

    if (!body)
        return -1;
    server_lock(q->server);
    answer = imports_begin(q->server, body, r);
    json_decref(body);
    return unlock_and_reply(q, ret, 201, answer, r);
}

static int tell_import(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body, *answer;
    int64_t id;

    if (read_job_id(q, &id, r))
        return -1;
    body = request_json(q, r);
    if (!body)
        return -1;
    server_lock(q->server);
    answer = imports_tell(q->server, id, body, r);
    json_decref(body);
    return unlock_and_reply(q, ret, 200, answer, r);
}

static int get_server(struct request *q, struct reply *ret, struct refusal *r)
{
    return reply_json(ret, 200, json_pack("{s:s, s:s}", "version", SLIPWAY_VERSION, "url", q->server->url), r);
}

#define BODY_MAX (4 * MIB)

const struct route api_admin_routes[] = {
    {"GET", "/admin/v1/machines", TOKEN_NONE, BODY_MAX, list_machines},
    {"POST", "/admin/v1/machines", TOKEN_NONE, BODY_MAX, add_machine},
    {"GET", "/admin/v1/machines/*", TOKEN_NONE, BODY_MAX, get_machine},
    {"PATCH", "/admin/v1/machines/*", TOKEN_NONE, BODY_MAX, change_machine},
    {"DELETE", "/admin/v1/machines/*", TOKEN_NONE, BODY_MAX, delete_machine},
    {"POST", "/admin/v1/rooms", TOKEN_NONE, BODY_MAX, import_machines},
    {"GET", "/admin/v1/pattern", TOKEN_NONE, BODY_MAX, get_pattern},
    {"PUT", "/admin/v1/pattern", TOKEN_NONE, BODY_MAX, put_pattern},
    {"POST", "/admin/v1/jobs", TOKEN_NONE, BODY_MAX, add_jobs},
    {"GET", "/admin/v1/jobs", TOKEN_NONE, BODY_MAX, list_jobs},
    {"GET", "/admin/v1/jobs/*", TOKEN_NONE, BODY_MAX, get_job},
    {"POST", "/admin/v1/jobs/*/cancel", TOKEN_NONE, BODY_MAX, cancel_job},
    {"POST", "/admin/v1/jobs/*/continue", TOKEN_NONE, BODY_MAX, continue_job},
    {"GET", "/admin/v1/jobs/*/files", TOKEN_NONE, BODY_MAX, list_job_files},
    {"GET", "/admin/v1/jobs/*/files/*", TOKEN_NONE, BODY_MAX, get_job_file},
    {"GET", "/admin/v1/images", TOKEN_NONE, BODY_MAX, list_images},
    {"GET", "/admin/v1/images/*", TOKEN_NONE, BODY_MAX, get_image},
    {"DELETE", "/admin/v1/images/*", TOKEN_NONE, BODY_MAX, delete_image},
    {"POST", "/admin/v1/imports", TOKEN_NONE, BODY_MAX, begin_import},
    {"POST", "/admin/v1/imports/*", TOKEN_NONE, BODY_MAX, tell_import},
    {"GET", "/admin/v1/server", TOKEN_NONE, BODY_MAX, get_server},
    {0},
};
