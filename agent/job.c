/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/job.h"

#include <string.h>

#include "agent/job_value.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define ID_MAX ((json_int_t)1 << 53)
#define STARTS_MAX 1000000

static const char *const kinds[] = {[JOB_CAPTURE] = "capture", [JOB_DEPLOY] = "deploy"};
static const char *const finishes[] = {
    [FINISH_REBOOT] = "reboot", [FINISH_POWEROFF] = "poweroff", [FINISH_HOLD] = "hold"};

const char *job_kind_name(enum job_kind kind)
{
    return kinds[kind];
}

const char *job_finish_name(enum job_finish finish)
{
    return finishes[finish];
}

int job_bad(struct failure *f, const char *member)
{
    return fail(f, "internal", "the server sent a job that this agent does not understand: \"%.64s\"", member);
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

static bool take_word(const json_t *value, const char *const *words, unsigned count, unsigned *ret)
{
    const char *s = json_string_value(value);

    for (unsigned i = 0; s && i < count; i++)
        if (strcmp(words[i], s) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

/* A member that is not known, or that is empty, would widen the choice: both are refused. */
static int parse_rule(const json_t *object, struct disk_rule *rule, struct failure *f)
{
    const char *key;
    json_t *value;
    bool ok;

    if (!json_is_object(object) || json_object_size(object) == 0)
        return job_bad(f, "disk");
    json_object_foreach((json_t *)object, key, value)
    {
        if (strcmp(key, "path") == 0)
            ok = job_take_string(value, rule->path, sizeof(rule->path), NULL);
        else if (strcmp(key, "serial") == 0)
            ok = job_take_string(value, rule->serial, sizeof(rule->serial), NULL);
        else if (strcmp(key, "wwn") == 0)
            ok = job_take_string(value, rule->wwn, sizeof(rule->wwn), NULL);
        else if (strcmp(key, "model") == 0)
            ok = job_take_string(value, rule->model, sizeof(rule->model), NULL);
        else
            ok = strcmp(key, "size") == 0 && job_take_number(value, INT64_MAX, &rule->size);
        if (!ok)
            return job_bad(f, key);
    }
    return 0;
}

/* "disk": one rule, or null; "disks": the rules of several disks, in the order of the image. */
static int parse_rules(const json_t *one, const json_t *many, struct job *ret, struct failure *f)
{
    bool has_one = one && !json_is_null(one), has_many = many && !json_is_null(many);
    size_t count = has_many ? json_array_size(many) : has_one;

    if (has_many && (has_one || !json_is_array(many) || count == 0 || count > MANIFEST_DISKS))
        return job_bad(f, "disks");
    for (size_t i = 0; i < count; i++)
        if (parse_rule(has_many ? json_array_get(many, i) : one, &ret->rules[i], f) != 0)
            return -1;
    ret->rule_count = (unsigned)count;
    return 0;
}

static int parse_head(const json_t *object, struct job *ret, struct failure *f)
{
    uint64_t id, starts;

    if (!job_take_number(json_object_get(object, "id"), ID_MAX, &id))
        return job_bad(f, "id");
    if (!job_take_string(json_object_get(object, "token"), ret->token, sizeof(ret->token), "0123456789abcdef") ||
        strlen(ret->token) != 64)
        return job_bad(f, "token");
    if (!job_take_number(json_object_get(object, "starts"), STARTS_MAX, &starts))
        return job_bad(f, "starts");
    ret->id = id;
    ret->starts = (unsigned)starts;
    return 0;
}

/* A deploy has an image or a source, never both. */
static bool take_image(const json_t *value, struct job *ret)
{
    if (ret->source.url[0])
        return !value || json_is_null(value);
    return job_take_string(value, ret->image, sizeof(ret->image), ALNUM "._-") && !strchr("._-", ret->image[0]);
}

int job_parse(const json_t *object, struct job *ret, struct failure *f)
{
    unsigned word;

    memset(ret, 0, sizeof(*ret));
    if (!json_is_object(object))
        return job_bad(f, "job");
    if (parse_head(object, ret, f) != 0)
        return -1;
    if (!take_word(json_object_get(object, "kind"), kinds, 2, &word))
        return job_bad(f, "kind");
    ret->kind = word;
    if (job_options_parse(object, ret, f) != 0)
        return -1;
    if (!take_image(json_object_get(object, "image"), ret))
        return job_bad(f, "image");
    if (!take_word(json_object_get(object, "finish"), finishes, 3, &word))
        return job_bad(f, "finish");
    ret->finish = word;
    if (parse_rules(json_object_get(object, "disk"), json_object_get(object, "disks"), ret, f) != 0 ||
        identity_data_parse(json_object_get(object, "identity"), &ret->identity, f) != 0)
        return -1;
    return 0;
}

void job_release(struct job *job)
{
    identity_data_release(&job->identity);
}
