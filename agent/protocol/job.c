/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/protocol/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/protocol/job_value.h"

#define ID_MAX ((json_int_t)1 << 53)
#define STARTS_MAX 1000000

static const char *const finishes[] = {[FINISH_REBOOT] = "reboot",
                                       [FINISH_POWEROFF] = "poweroff",
                                       [FINISH_HOLD] = "hold",
                                       [FINISH_BOOTNEXT] = "bootnext",
                                       [FINISH_KEXEC] = "kexec"};

const char *job_finish_name(enum job_finish finish)
{
    return finishes[finish];
}

int job_bad(struct failure *f, const char *member)
{
    return fail(f, "internal", "the server sent a job that this agent does not understand: \"%.64s\"", member);
}

const json_t *job_get(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

/* jansson has checked the UTF-8. */
bool job_take_string(const json_t *value, char *ret, size_t size, const char *allowed)
{
    const char *s = json_string_value(value);
    size_t length = json_string_length(value);

    if (!s || length == 0 || length >= size || strlen(s) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f || (allowed && !strchr(allowed, s[i])))
            return false;
    memcpy(ret, s, length + 1);
    return true;
}

bool job_take_number(const json_t *value, json_int_t max, uint64_t *ret)
{
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 1 || n > max)
        return false;
    *ret = (uint64_t)n;
    return true;
}

bool job_take_word(const json_t *value, const char *const *words, unsigned count, unsigned *ret)
{
    const char *s = json_string_value(value);

    for (unsigned i = 0; s && i < count; i++)
        if (strcmp(words[i], s) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

static bool take_token(const json_t *value, char ret[65])
{
    return job_take_string(value, ret, 65, "0123456789abcdef") && strlen(ret) == 64;
}

static int parse_head(const json_t *object, struct job *ret, struct failure *f)
{
    uint64_t id, starts;

    if (!job_take_number(json_object_get(object, "id"), ID_MAX, &id))
        return job_bad(f, "id");
    if (!take_token(json_object_get(object, "token"), ret->token))
        return job_bad(f, "token");
    if (!job_take_number(json_object_get(object, "starts"), STARTS_MAX, &starts))
        return job_bad(f, "starts");
    ret->id = id;
    ret->starts = (unsigned)starts;
    return 0;
}

static int parse_steps(const json_t *object, struct job *ret, struct failure *f)
{
    const json_t *list = json_object_get(object, "steps"), *done = job_get(object, "done"), *step;
    char where[32];
    uint64_t number;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > JOB_STEPS)
        return job_bad(f, "steps");
    ret->steps = calloc(json_array_size(list), sizeof(*ret->steps));
    if (!ret->steps)
        return fail(f, "out-of-memory", "no memory for a job of %zu steps", json_array_size(list));
    json_array_foreach(list, i, step)
    {
        if (job_step_parse(step, &ret->steps[i], f)) {
            snprintf(where, sizeof(where), " (step %zu)", i + 1);
            strncat(f->message, where, sizeof(f->message) - strlen(f->message) - 1);
            return -1;
        }
        ret->step_count++;
    }
    if (!done || json_integer_value(done) == 0)
        return done && !json_is_integer(done) ? job_bad(f, "done") : 0;
    if (!job_take_number(done, ret->step_count, &number))
        return job_bad(f, "done");
    ret->done = (unsigned)number;
    return 0;
}

static int parse_finish(const json_t *object, struct job *ret, struct failure *f)
{
    const json_t *order = job_get(object, "boot_order"), *confirm = job_get(object, "confirm");
    unsigned word;

    if (!job_take_word(json_object_get(object, "finish"), finishes, FINISH_KEXEC + 1, &word))
        return job_bad(f, "finish");
    ret->finish = word;
    if (order && !(json_is_string(order) && json_string_length(order) == 0) &&
        !job_take_string(order, ret->boot_order, sizeof(ret->boot_order), "abcdefghijklmnopqrstuvwxyz-"))
        return job_bad(f, "boot_order");
    if (confirm && !json_is_boolean(confirm))
        return job_bad(f, "confirm");
    ret->confirm = json_is_true(confirm);
    if (ret->confirm && !take_token(json_object_get(object, "confirm_token"), ret->confirm_token))
        return job_bad(f, "confirm_token");
    return 0;
}

int job_parse(const json_t *object, struct job *ret, struct failure *f)
{
    memset(ret, 0, sizeof(*ret));
    if (!json_is_object(object))
        return job_bad(f, "job");
    ret->object = json_incref((json_t *)object);
    if (parse_head(object, ret, f) || parse_steps(object, ret, f) || parse_finish(object, ret, f))
        return -1;
    return identity_data_parse(json_object_get(object, "identity"), &ret->identity, f);
}

void job_release(struct job *job)
{
    identity_data_release(&job->identity);
    free(job->steps);
    json_decref(job->object);
    memset(job, 0, sizeof(*job));
}
