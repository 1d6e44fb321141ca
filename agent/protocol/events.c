/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/protocol/events.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/base/console.h"
#include "agent/base/progress_bar.h"
#include "agent/image/system_json.h"
#include "agent/net/http.h"
#include "agent/protocol/server_notice.h"

#define QUEUE_MAX (2 * JOB_STEPS + 32)
#define NOTES_MAX 16 /* waiting at once: starts and finishes need the room */
#define ANSWER_LIMIT 65536
#define ANSWER_SECONDS 20
#define PROGRESS_SECONDS 5
/* An engine that is stuck in a retry reports nothing: the last progress is told again, so that the server can say
 * "cancel" and sees that this machine lives. */
#define HEARTBEAT_SECONDS 5

struct events {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http *patient, *hasty; /* for what must arrive, and for progress */
    char path[64];
    unsigned starts;
    uint64_t seq;
    char *queue[QUEUE_MAX];
    unsigned queued;
    struct progress_report progress;
    char step[32], what[128];
    bool progress_new, progress_known, closing;
    atomic_bool cancelled, over;
    atomic_uint continued;
};

static json_t *event_object(struct events *e, const char *event, const char *step, unsigned number)
{
    json_t *object = json_pack("{s:i, s:I, s:s, s:s}", "start", (int)e->starts, "seq", (json_int_t)++e->seq, "event",
                               event, "step", step);

    if (number)
        json_object_set_new(object, "number", json_integer(number));
    return object;
}

static void enqueue(struct events *e, json_t *object)
{
    char *body = object ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    if (body && e->queued < QUEUE_MAX)
        e->queue[e->queued++] = body;
    else
        free(body);
    pthread_cond_signal(&e->changed);
}

void events_start(struct events *e, const char *step, unsigned number)
{
    pthread_mutex_lock(&e->lock);
    snprintf(e->step, sizeof(e->step), "%s", step);
    enqueue(e, event_object(e, "start", step, number));
    pthread_mutex_unlock(&e->lock);
}

/* The protocol's reasons; a word of the server's own ("bad-token") is told as "server", its message says the rest. */
static const char *known_reason(const char *reason)
{
    static const char *const known[] = {"no-disk",       "ambiguous-disk", "no-matching-disk", "target-too-small",
                                        "sector-size",   "disk-error",     "bad-table",        "no-such-image",
                                        "no-checksum",   "resize",         "bad-layout",       "disk-count",
                                        "image-exists",  "bad-image",      "bad-chunk",        "store-full",
                                        "server",        "identity",       "out-of-memory",    "command",
                                        "timeout",       "file",           "production",       "anonymous",
                                        "snapshot-full", "cancelled",      "too-many-starts",  "silent",
                                        "internal"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], reason) == 0)
            return known[i];
    return "server";
}

static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);

    /* A message that is no UTF-8 (a disk's label, for example) must not cost the finish. */
    json_object_set_new(object, key, value ? value : json_string("(text is not UTF-8)"));
}

/* `systems` is taken over and may be NULL. */
static void finish(struct events *e, const char *step, unsigned number, const struct failure *why, json_t *systems)
{
    const char *result = !why ? "succeeded" : strcmp(why->reason, "cancelled") == 0 ? "cancelled" : "failed";
    json_t *object;

    pthread_mutex_lock(&e->lock);
    e->progress_new = e->progress_known = false; /* it belongs to a step that is over */
    object = event_object(e, "finish", step, number);
    set_text(object, "result", result);
    if (why) {
        set_text(object, "reason", known_reason(why->reason));
        set_text(object, "message", why->message);
    }
    if (systems)
        json_object_set_new(object, "systems", systems);
    enqueue(e, object);
    pthread_mutex_unlock(&e->lock);
}

void events_finish(struct events *e, const char *step, unsigned number, const struct failure *why)
{
    finish(e, step, number, why, NULL);
}

void events_finish_found(struct events *e, const char *step, unsigned number, const struct system_list *found)
{
    finish(e, step, number, NULL, system_list_format(found->list, found->count, true));
}

void events_note(struct events *e, const char *text)
{
    json_t *object;

    pthread_mutex_lock(&e->lock);
    if (e->queued < NOTES_MAX) {
        object = event_object(e, "progress", e->step, 0);
        set_text(object, "message", text);
        enqueue(e, object);
    }
    pthread_mutex_unlock(&e->lock);
}

void events_progress(struct events *e, const struct progress_report *r)
{
    pthread_mutex_lock(&e->lock);
    e->progress = *r;
    snprintf(e->step, sizeof(e->step), "%s", r->step);
    progress_part_format(e->what, sizeof(e->what), sizeof(e->what), r);
    e->progress_new = e->progress_known = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

bool events_cancelled(struct events *e)
{
    return atomic_load(&e->cancelled);
}

unsigned events_continued(struct events *e)
{
    return atomic_load(&e->continued);
}

static char *progress_body(struct events *e)
{
    json_t *object = event_object(e, "progress", e->step, 0);
    char *body;

    set_text(object, "message", e->what);
    json_object_set_new(object, "bytes_done", json_integer((json_int_t)e->progress.done));
    json_object_set_new(object, "bytes_total", json_integer((json_int_t)e->progress.total));
    json_object_set_new(object, "rate", json_integer((json_int_t)e->progress.rate));
    if (e->progress.seconds_left != UINT32_MAX)
        json_object_set_new(object, "seconds_left", json_integer((json_int_t)e->progress.seconds_left));
    body = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return body;
}

static void read_answer(struct events *e, const struct buffer *answer)
{
    json_t *root = json_loadb((const char *)answer->data, answer->size, 0, NULL);
    json_int_t continued = json_integer_value(json_object_get(root, "continue"));

    if (continued > 0 && continued <= JOB_STEPS)
        atomic_store(&e->continued, (unsigned)continued);
    if (json_is_true(json_object_get(root, "cancel")) && !atomic_exchange(&e->cancelled, true))
        console_alert("the server asks to cancel this job");
    json_decref(root);
}

/* The job is over for the server (409), unknown (404) or the token is void (401): nothing more can be told. */
static void note_over(struct events *e, const struct failure *f)
{
    if (!atomic_exchange(&e->over, true))
        console_alert("the server has ended this job: %s", f->message);
    atomic_store(&e->cancelled, true);
}

static void post(struct events *e, struct http *h, const char *body, unsigned seconds, bool must)
{
    struct buffer answer = {0};
    struct failure f;
    int status;

    status = http_request(h, "POST", e->path, body, strlen(body), ANSWER_LIMIT, seconds, &answer, &f);
    if (status == 200)
        read_answer(e, &answer);
    else if (status == 401 || status == 404 || status == 409)
        note_over(e, &f);
    else if (must)
        console_alert("the server does not take an event: %s", f.message);
    free(answer.data);
}

static void post_queued(struct events *e)
{
    char *body = e->queue[0];

    pthread_mutex_unlock(&e->lock);
    if (!atomic_load(&e->over))
        post(e, e->patient, body, ANSWER_SECONDS, true);
    free(body);
    pthread_mutex_lock(&e->lock);
    memmove(e->queue, e->queue + 1, --e->queued * sizeof(e->queue[0]));
}

static void post_progress(struct events *e)
{
    char *body = progress_body(e);

    e->progress_new = false;
    pthread_mutex_unlock(&e->lock);
    if (body && !atomic_load(&e->over))
        post(e, e->hasty, body, PROGRESS_SECONDS, false);
    free(body);
    pthread_mutex_lock(&e->lock);
}

static void wait_for_change(struct events *e)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += HEARTBEAT_SECONDS;
    if (pthread_cond_timedwait(&e->changed, &e->lock, &until) == ETIMEDOUT && e->progress_known)
        e->progress_new = true;
}

static void *run(void *arg)
{
    struct events *e = arg;

    pthread_mutex_lock(&e->lock);
    for (;;) {
        if (e->queued > 0)
            post_queued(e);
        else if (e->closing)
            break;
        else if (e->progress_new)
            post_progress(e);
        else
            wait_for_change(e);
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

static void release(struct events *e)
{
    http_close(e->patient);
    http_close(e->hasty);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->changed);
    free(e);
}

/* A finish is told until it is answered, cancelled job or not. */
static int notice(void *arg, const char *message, unsigned pause_seconds)
{
    (void)arg;
    server_notice(message, pause_seconds);
    return 0;
}

struct events *events_open(const char *server, const struct job *job, struct failure *f)
{
    struct events *e = calloc(1, sizeof(*e));

    if (!e) {
        fail(f, "out-of-memory", "no memory for the job's events");
        return NULL;
    }
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, NULL);
    e->starts = job->starts;
    snprintf(e->path, sizeof(e->path), "/v1/jobs/%llu/events", (unsigned long long)job->id);
    e->patient = http_open(server, job->token, UINT_MAX);
    e->hasty = http_open(server, job->token, 0);
    if (!e->patient || !e->hasty)
        goto err;
    http_on_retry(e->patient, notice, NULL);
    if (pthread_create(&e->thread, NULL, run, e) != 0)
        goto err;
    return e;
err:
    release(e);
    fail(f, "out-of-memory", "no memory for the job's events");
    return NULL;
}

bool events_close(struct events *e)
{
    bool taken;

    pthread_mutex_lock(&e->lock);
    e->closing = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
    taken = !atomic_load(&e->over);
    release(e);
    return taken;
}
