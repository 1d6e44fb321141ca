/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_step_values.h"

#include <stdio.h>
#include <string.h>

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

static const struct {
    const char *name;
    int (*check)(const json_t *value, struct refusal *r);
} members[] = {
    {"as_is", check_bool},      {"logs", check_bool},       {"identity", check_bool},   {"command", check_command},
    {"where", check_where},     {"timeout", check_timeout}, {"success", check_success}, {"path", check_path},
    {"content", check_content}, {"mode", check_mode},       {"owner", check_owner},     {"name", check_file_name},
    {"seconds", check_seconds},
};

int job_step_value_check(const char *name, const json_t *value, struct refusal *r)
{
    struct refusal why;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(members[i].name, name) == 0 && members[i].check(value, &why))
            return refuse(r, 400, "bad-request", "\"%s\": %.200s", name, why.message);
    }
    return 0;
}
