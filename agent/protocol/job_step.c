/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "agent/protocol/job_value.h"

#define COMMAND_MAX 32768
#define PATH_TEXT_MAX 1023
#define TIMEOUT_DEFAULT 3600
#define TIMEOUT_MAX (24 * 3600)
#define WAIT_MAX (7 * 24 * 3600)

static const char *const words[] = {[STEP_CAPTURE] = "capture", [STEP_DEPLOY] = "deploy", [STEP_RUN] = "run",
                                    [STEP_PUT] = "put",         [STEP_GET] = "get",       [STEP_WAIT] = "wait"};

const char *job_step_word(enum step_kind kind)
{
    return words[kind];
}

const char *job_step_image(const struct job_step *step)
{
    return step->source.url[0] ? step->source.url : step->image;
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
static int parse_rules(const json_t *object, struct job_step *ret, struct failure *f)
{
    const json_t *one = job_get(object, "disk"), *many = job_get(object, "disks");
    size_t count = many ? json_array_size(many) : one != NULL;

    if (many && (one || !json_is_array(many) || count == 0 || count > MANIFEST_DISKS))
        return job_bad(f, "disks");
    for (size_t i = 0; i < count; i++)
        if (parse_rule(many ? json_array_get(many, i) : one, &ret->rules[i], f) != 0)
            return -1;
    ret->rule_count = (unsigned)count;
    return 0;
}

/* A deploy has an image or a source, never both. */
static bool take_image(const json_t *value, struct job_step *ret)
{
    if (ret->source.url[0])
        return !value;
    return job_take_string(value, ret->image, sizeof(ret->image), JOB_ALNUM "._-") && !strchr("._-", ret->image[0]);
}

static int parse_imaging(const json_t *object, struct job_step *ret, struct failure *f)
{
    if (job_options_parse(object, ret, f))
        return -1;
    if (!take_image(job_get(object, "image"), ret))
        return job_bad(f, "image");
    return parse_rules(object, ret, f);
}

static bool take_where(const json_t *value, bool *ret)
{
    static const char *const places[] = {"automation", "system"};
    unsigned which = 0;

    if (value && !job_take_word(value, places, 2, &which))
        return false;
    *ret = which == 1;
    return true;
}

/* A path is one of the system's own: the root is not left by it. */
static bool take_path(const json_t *value, const char **ret)
{
    char path[PATH_TEXT_MAX + 1];

    if (!job_take_string(value, path, sizeof(path), NULL) || path[0] != '/' || !path[1] || strstr(path, "/../") ||
        path[strlen(path) - 1] == '/')
        return false;
    *ret = json_string_value(value);
    return true;
}

static bool take_success(const json_t *value, bool ret[256])
{
    const json_t *code;
    size_t i;

    ret[0] = !value;
    if (value && (!json_is_array(value) || json_array_size(value) == 0))
        return false;
    json_array_foreach(value, i, code)
    {
        if (!json_is_integer(code) || json_integer_value(code) < 0 || json_integer_value(code) > 255)
            return false;
        ret[json_integer_value(code)] = true;
    }
    return true;
}

static int parse_run(const json_t *object, struct job_step *ret, struct failure *f)
{
    const json_t *command = job_get(object, "command"), *timeout = job_get(object, "timeout");
    uint64_t seconds = TIMEOUT_DEFAULT;
    size_t length = json_string_length(command);

    if (!json_is_string(command) || length == 0 || length > COMMAND_MAX || strlen(json_string_value(command)) != length)
        return job_bad(f, "command");
    if (timeout && !job_take_number(timeout, TIMEOUT_MAX, &seconds))
        return job_bad(f, "timeout");
    if (!take_success(job_get(object, "success"), ret->success))
        return job_bad(f, "success");
    ret->command = json_string_value(command);
    ret->timeout = (unsigned)seconds;
    return 0;
}

/* "0644": four octal digits, without set-user-ID. */
static bool take_mode(const json_t *value, unsigned *ret)
{
    char text[5];

    *ret = 0644;
    if (!value)
        return true;
    if (!job_take_string(value, text, sizeof(text), "01234567") || strlen(text) != 4 || text[0] != '0')
        return false;
    return sscanf(text, "%o", ret) == 1;
}

static bool take_owner(const json_t *value, struct job_step *ret)
{
    char text[24];
    int end = 0;

    if (!value)
        return true;
    return job_take_string(value, text, sizeof(text), "0123456789:") &&
           sscanf(text, "%9u:%9u%n", &ret->user, &ret->group, &end) == 2 && !text[end];
}

static int parse_put(const json_t *object, struct job_step *ret, struct failure *f)
{
    const json_t *content = job_get(object, "content");

    if (!take_path(job_get(object, "path"), &ret->path))
        return job_bad(f, "path");
    if (!json_is_string(content))
        return job_bad(f, "content");
    if (!take_mode(job_get(object, "mode"), &ret->mode))
        return job_bad(f, "mode");
    if (!take_owner(job_get(object, "owner"), ret))
        return job_bad(f, "owner");
    ret->content = json_string_value(content);
    return 0;
}

static int parse_get(const json_t *object, struct job_step *ret, struct failure *f)
{
    const json_t *name = job_get(object, "name");
    char text[65];

    if (!take_path(job_get(object, "path"), &ret->path))
        return job_bad(f, "path");
    if (!job_take_string(name, text, sizeof(text), JOB_ALNUM "._-") || strchr("._-", text[0]))
        return job_bad(f, "name");
    ret->name = json_string_value(name);
    return 0;
}

static int parse_wait(const json_t *object, struct job_step *ret, struct failure *f)
{
    const json_t *seconds = job_get(object, "seconds");
    uint64_t number = 0;

    if (seconds && !job_take_number(seconds, WAIT_MAX, &number))
        return job_bad(f, "seconds");
    ret->seconds = (unsigned)number;
    return 0;
}

int job_step_parse(const json_t *object, struct job_step *ret, struct failure *f)
{
    static int (*const parse[])(const json_t *, struct job_step *, struct failure *) = {
        [STEP_CAPTURE] = parse_imaging, [STEP_DEPLOY] = parse_imaging, [STEP_RUN] = parse_run,
        [STEP_PUT] = parse_put,         [STEP_GET] = parse_get,        [STEP_WAIT] = parse_wait};
    unsigned kind;

    if (!json_is_object(object) || !job_take_word(json_object_get(object, "step"), words, STEP_WAIT + 1, &kind))
        return job_bad(f, "step");
    ret->kind = kind;
    if (!take_where(job_get(object, "where"), &ret->in_system))
        return job_bad(f, "where");
    return parse[kind](object, ret, f);
}
