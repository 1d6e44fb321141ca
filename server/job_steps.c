/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_steps.h"

#include <stdio.h>
#include <string.h>

#include "server/job_disks.h"
#include "server/job_options.h"
#include "server/machines.h"
#include "server/names.h"

#define COMMAND_MAX 32768
#define PATH_TEXT_MAX 1023
#define TIMEOUT_MAX (24 * 3600)
#define WAIT_MAX (7 * 24 * 3600)
#define EXIT_CODES 32
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static int check_bool(const json_t *value, struct refusal *r)
{
    return json_is_boolean(value) ? 0 : refuse(r, 400, "bad-request", "it must be true or false");
}

/* A script may have several lines. */
static int check_command(const json_t *value, struct refusal *r)
{
    size_t length = json_string_length(value);

    if (json_is_string(value) && length > 0 && length <= COMMAND_MAX && strlen(json_string_value(value)) == length)
        return 0;
    return refuse(r, 400, "bad-request", "it must be a command of at most %d bytes", COMMAND_MAX);
}

static int check_where(const json_t *value, struct refusal *r)
{
    const char *word = json_string_value(value);

    if (word && (strcmp(word, "automation") == 0 || strcmp(word, "system") == 0))
        return 0;
    return refuse(r, 400, "bad-request", "it must be automation or system");
}

static int check_timeout(const json_t *value, struct refusal *r)
{
    if (json_integer_value(value) >= 1 && json_integer_value(value) <= TIMEOUT_MAX)
        return 0;
    return refuse(r, 400, "bad-request", "it must be a number of seconds, 1 to %d", TIMEOUT_MAX);
}

static int check_seconds(const json_t *value, struct refusal *r)
{
    if (json_integer_value(value) >= 1 && json_integer_value(value) <= WAIT_MAX)
        return 0;
    return refuse(r, 400, "bad-request", "it must be a number of seconds, 1 to %d", WAIT_MAX);
}

static int check_success(const json_t *value, struct refusal *r)
{
    bool good = json_is_array(value) && json_array_size(value) >= 1 && json_array_size(value) <= EXIT_CODES;
    const json_t *code;
    size_t i;

    json_array_foreach(value, i, code) good =
        good && json_is_integer(code) && json_integer_value(code) >= 0 && json_integer_value(code) <= 255;
    return good ? 0 : refuse(r, 400, "bad-request", "it must be an array of 1 to %d exit codes", EXIT_CODES);
}

static int check_path(const json_t *value, struct refusal *r)
{
    const char *path = json_string_value(value);

    if (path && path[0] == '/' && path[1] && name_is_line(path, PATH_TEXT_MAX) && !strstr(path, "/../") &&
        path[strlen(path) - 1] != '/')
        return 0;
    return refuse(r, 400, "bad-request", "it must be the path of a file from the root, of at most %d bytes",
                  PATH_TEXT_MAX);
}

static int check_content(const json_t *value, struct refusal *r)
{
    const char *s = json_string_value(value);
    size_t length = json_string_length(value), digits = s ? strspn(s, BASE64) : 0;

    if (s && length % 4 == 0 && length - digits <= 2 && strspn(s + digits, "=") == length - digits)
        return 0;
    return refuse(r, 400, "bad-request", "it must be base64");
}

static int check_mode(const json_t *value, struct refusal *r)
{
    const char *s = json_string_value(value);

    if (s && strlen(s) == 4 && s[0] == '0' && strspn(s, "01234567") == 4)
        return 0;
    return refuse(r, 400, "bad-request", "it must be four octal digits such as \"0644\", the first one 0");
}

static int check_owner(const json_t *value, struct refusal *r)
{
    const char *s = json_string_value(value);
    unsigned user, group;
    int end = 0;

    if (s && strspn(s, "0123456789:") == strlen(s) && strlen(s) <= 21 &&
        sscanf(s, "%u:%u%n", &user, &group, &end) == 2 && !s[end])
        return 0;
    return refuse(r, 400, "bad-request", "it must be numbers such as \"1000:1000\"");
}

static int check_file_name(const json_t *value, struct refusal *r)
{
    if (json_is_string(value) && name_is_image(json_string_value(value)))
        return 0;
    return refuse(r, 400, "bad-request", "it must be letters, digits, '.', '_', '-' (not first), at most 64");
}

/* Members that are not here are checked by job_options.c and job_disks.c. */
static const struct {
    const char *name;
    int (*check)(const json_t *value, struct refusal *r);
} members[] = {
    {"as_is", check_bool},      {"logs", check_bool},       {"identity", check_bool},   {"command", check_command},
    {"where", check_where},     {"timeout", check_timeout}, {"success", check_success}, {"path", check_path},
    {"content", check_content}, {"mode", check_mode},       {"owner", check_owner},     {"name", check_file_name},
    {"seconds", check_seconds},
};

static const struct kind {
    const char *word;
    const char *known[12], *required[3];
} kinds[] = {
    {"capture", {"step", "image", "disk", "disks", "level", "bad_sectors", "as_is", "logs", "leave"}, {"image"}},
    {"deploy", {"step", "image", "source", "disk", "disks", "grow", "keep", "identity"}, {NULL}},
    {"run", {"step", "command", "where", "timeout", "success"}, {"command"}},
    {"put", {"step", "path", "where", "content", "mode", "owner"}, {"path", "content"}},
    {"get", {"step", "path", "where", "name"}, {"path", "name"}},
    {"wait", {"step", "seconds"}, {NULL}},
};

static const struct kind *find_kind(const json_t *step)
{
    const char *word = json_string_value(json_object_get(step, "step"));

    for (size_t i = 0; word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].word, word) == 0)
            return &kinds[i];
    }
    return NULL;
}

static bool is_known(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < sizeof(kind->known) / sizeof(kind->known[0]) && kind->known[i]; i++) {
        if (strcmp(kind->known[i], name) == 0)
            return true;
    }
    return false;
}

static int check_member(const char *name, const json_t *value, struct refusal *r)
{
    struct refusal why;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(members[i].name, name) == 0)
            return members[i].check(value, &why) ? refuse(r, 400, "bad-request", "\"%s\": %.200s", name, why.message)
                                                 : 0;
    }
    return job_options_check(name, value, r);
}

static int check_step(const json_t *step, struct refusal *r)
{
    const struct kind *kind = find_kind(step);
    const char *name;
    json_t *value;

    if (!kind)
        return refuse(r, 400, "bad-request", "\"step\" must be capture, deploy, run, put, get or wait");
    json_object_foreach((json_t *)step, name, value)
    {
        if (!is_known(kind, name))
            return refuse(r, 400, "bad-request", "\"%.60s\" belongs to no %s", name, kind->word);
        if (check_member(name, value, r))
            return -1;
    }
    for (size_t i = 0; i < sizeof(kind->required) / sizeof(kind->required[0]) && kind->required[i]; i++) {
        if (!json_object_get(step, kind->required[i]))
            return refuse(r, 400, "bad-request", "a %s needs \"%s\"", kind->word, kind->required[i]);
    }
    if (strcmp(kind->word, "deploy") == 0 && job_options_check_image(step, r))
        return -1;
    return job_disks_check(step, r);
}

static json_t *without_nulls(const json_t *step)
{
    json_t *copy = json_object(), *value;
    const char *name;

    json_object_foreach((json_t *)step, name, value)
    {
        if (!json_is_null(value))
            json_object_set(copy, name, value);
    }
    return copy;
}

static int check_list(const json_t *list, struct refusal *r)
{
    unsigned captures = 0;
    const json_t *step;
    size_t i;

    json_array_foreach(list, i, step)
    {
        struct refusal why = {0};

        if (check_step(step, &why))
            return refuse(r, 400, "bad-request", "step %zu: %.400s", i + 1, why.message);
        captures += strcmp(row_text(step, "step"), "capture") == 0;
    }
    if (captures > 1)
        return refuse(r, 400, "bad-request", "a job captures one image at most");
    return 0;
}

json_t *job_steps_read(const json_t *list, struct refusal *r)
{
    const json_t *step;
    json_t *copy = NULL;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > JOB_STEPS_MAX) {
        refuse(r, 400, "bad-request", "\"steps\" must be an array of 1 to %d steps", JOB_STEPS_MAX);
        return NULL;
    }
    copy = json_array();
    json_array_foreach(list, i, step) json_array_append_new(copy, without_nulls(step));
    if (check_list(copy, r) == 0)
        return copy;
    json_decref(copy);
    return NULL;
}

static const char *image_of(const json_t *step)
{
    const json_t *source = json_object_get(step, "source");

    return source ? row_text(source, "url") : row_text(step, "image");
}

void job_steps_summarise(const json_t *list, struct job_summary *ret)
{
    const json_t *step;
    size_t i;

    *ret = (struct job_summary){
        .kind = row_text(json_array_get(list, 0), "step"), .image = "", .count = (unsigned)json_array_size(list)};
    json_array_foreach(list, i, step)
    {
        const char *word = row_text(step, "step");
        bool captures = strcmp(word, "capture") == 0, deploys = strcmp(word, "deploy") == 0;

        if (captures)
            ret->capture = (unsigned)i + 1;
        if (captures || (deploys && !ret->capture && !ret->image[0])) {
            ret->kind = word;
            ret->image = image_of(step);
        }
    }
}

json_t *job_steps_of(const json_t *job)
{
    json_t *list = json_loads(row_text(job, "steps"), 0, NULL);

    return list ? list : json_array();
}
