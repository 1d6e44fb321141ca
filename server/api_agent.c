/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/api.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "server/job_assign.h"
#include "server/machine_checkin.h"
#include "server/chunks.h"
#include "server/job_confirm.h"
#include "server/job_events.h"
#include "server/job_files.h"
#include "server/images.h"
#include "server/jobs.h"
#include "server/log.h"

#define WAIT_MAX 60

bool api_number(const char *text, int64_t max, int64_t *ret)
{
    char *end;
    long long value;

    if (text[0] < '0' || text[0] > '9' || strlen(text) > 18)
        return false;
    value = strtoll(text, &end, 10);
    if (*end || value > max)
        return false;
    *ret = value;
    return true;
}

static int post_checkin(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *answer;

    if (!body)
        return -1;
    server_lock(q->server);
    answer = checkin(q->server, body, q->peer, r);
    server_unlock(q->server);
    json_decref(body);
    return answer ? reply_json(ret, 200, answer, r) : -1;
}

/* A job must not be handed to a machine that has hung up. */
static bool peer_gone(const struct request *q)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    char byte;

    return info && recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Waits for a change, at most a second: a client that hung up is noticed no later. */
static void wait_for_change(struct server *s)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* JSON null when the time is over, the server stops or a newer request of the machine took this one's place. */
static json_t *poll_job(struct request *q, int64_t machine, int64_t wait_ms, struct refusal *r)
{
    struct server *s = q->server;
    uint64_t turn = waiters_enter(&s->waiters, machine), seen = s->changes - 1;
    int64_t deadline = clock_ms() + wait_ms;

    for (;;) {
        if (!waiters_newest(&s->waiters, machine, turn) || peer_gone(q))
            return json_null();
        if (seen != s->changes) {
            json_t *job = assign_job(s, machine, r);

            if (!json_is_null(job))
                return job;
            seen = s->changes;
        }
        if (s->stopping || clock_ms() >= deadline)
            return json_null();
        wait_for_change(s);
    }
}

static int get_job(struct request *q, struct reply *ret, struct refusal *r)
{
    const char *text = MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, "wait");
    json_t *machine, *job = NULL, *answer = NULL;
    int64_t id, wait = WAIT_MAX;

    if (!api_number(q->param[0], INT64_MAX, &id))
        return refuse(r, 404, "no-such-machine", "'%.40s' is no machine's number", q->param[0]);
    if (text && !api_number(text, INT64_MAX, &wait))
        return refuse(r, 400, "bad-request", "\"wait\" must be a number of seconds");
    if (wait > WAIT_MAX)
        wait = WAIT_MAX;
    server_lock(q->server);
    machine = machines_get(q->server, id, r);
    if (machine)
        job = poll_job(q, id, wait * 1000, r);
    if (job)
        answer = json_pack("{s:O, s:s}", "job", job, "when_idle", assign_when_idle(machine));
    server_unlock(q->server);
    json_decref(job);
    json_decref(machine);
    return job ? reply_json(ret, 200, answer, r) : -1;
}

static int post_event(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *job, *answer = NULL;

    if (!body)
        return -1;
    server_lock(q->server);
    job = jobs_get(q->server, row_integer(q->job, "id"), r);
    if (job)
        answer = events_take(q->server, job, body, r);
    json_decref(job);
    server_unlock(q->server);
    json_decref(body);
    return answer ? reply_json(ret, 200, answer, r) : -1;
}

static bool is_last(const struct request *q)
{
    const char *text = MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, "last");

    return text && strcmp(text, "1") == 0;
}

static int put_job_file(struct request *q, struct reply *ret, struct refusal *r)
{
    const char *text = MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, "offset");
    int64_t id = row_integer(q->job, "id"), asked, offset;

    if (!api_number(q->param[0], INT64_MAX, &asked) || asked != id)
        return refuse(r, 401, "bad-token", "the token is of job %lld", (long long)id);
    if (!text || !api_number(text, INT64_MAX, &offset))
        return refuse(r, 400, "bad-request", "\"offset\" must be a number of bytes");
    if (api_note_life(q, r) || job_file_put(q->server, id, q->param[1], offset, is_last(q), q->body, q->size, r))
        return -1;
    return reply_json(ret, 200, json_object(), r);
}

/* The token is the system's own, and not the agent's: it is looked at here. */
static int post_confirm(struct request *q, struct reply *ret, struct refusal *r)
{
    int64_t id;
    int rc;

    if (!api_number(q->param[0], INT64_MAX, &id))
        return refuse(r, 404, "no-such-job", "'%.40s' is no job's number", q->param[0]);
    server_lock(q->server);
    rc = job_confirm_take(q->server, id, request_bearer(q), r);
    server_unlock(q->server);
    return rc ? -1 : reply_json(ret, 200, json_object(), r);
}

const struct route api_agent_routes[] = {
    {"POST", "/v1/checkin", TOKEN_NONE, 256 * KIB, post_checkin},
    {"GET", "/v1/machines/*/job", TOKEN_NONE, 4 * KIB, get_job},
    {"POST", "/v1/jobs/*/events", TOKEN_EVENT, 64 * KIB, post_event},
    {"POST", "/v1/jobs/*/confirm", TOKEN_NONE, 4 * KIB, post_confirm},
    {"PUT", "/v1/jobs/*/files/*", TOKEN_JOB, 4 * MIB, put_job_file},
    {"POST", "/v1/chunks/missing", TOKEN_JOB, 256 * KIB, api_chunks_missing},
    {"PUT", "/v1/chunks", TOKEN_CAPTURE, CHUNK_BATCH_BYTES, api_chunks_put},
    {"GET", "/v1/chunks/*/*", TOKEN_NONE, 4 * KIB, api_chunk_get},
    {"PUT", "/v1/chunks/*/*", TOKEN_CAPTURE, CHUNK_FRAME_MAX, api_chunk_put},
    {"GET", "/v1/images/*/manifest.json", TOKEN_MAY, 4 * KIB, api_manifest_get},
    {"PUT", "/v1/images/*/manifest.json", TOKEN_CAPTURE, MANIFEST_MAX, api_manifest_put},
    {"GET", "/v1/images/*/files/*", TOKEN_MAY, 4 * KIB, api_image_file_get},
    {"PUT", "/v1/images/*/files/*", TOKEN_CAPTURE, IMAGE_FILE_MAX, api_image_file_put},
    {0},
};
