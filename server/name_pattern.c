/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/name_pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/machines.h"
#include "server/names.h"

#define SETTING "name-pattern"

/* Splits at the braces: digits is 0 for {n}. Returns false when there is not exactly one. */
static bool split(const char *pattern, size_t *ret_before, unsigned *ret_digits, const char **ret_after)
{
    const char *open = strchr(pattern, '{');

    if (!open)
        return false;
    *ret_before = (size_t)(open - pattern);
    *ret_digits = 0;
    if (strncmp(open, "{n}", 3) == 0) {
        *ret_after = open + 3;
    } else if (strncmp(open, "{n:0", 4) == 0 && open[4] >= '1' && open[4] <= '9' && open[5] == '}') {
        *ret_digits = (unsigned)(open[4] - '0');
        *ret_after = open + 6;
    } else {
        return false;
    }
    return !strpbrk(*ret_after, "{}");
}

static void format(const char *pattern, unsigned number, char *ret, size_t size)
{
    const char *after;
    unsigned digits;
    size_t before;

    split(pattern, &before, &digits, &after);
    snprintf(ret, size, "%.*s%0*u%s", (int)before, pattern, (int)digits, number, after);
}

const char *name_pattern_problem(const char *pattern)
{
    const char *after;
    unsigned digits;
    char name[128];
    size_t before;

    if (strlen(pattern) > 80 || !split(pattern, &before, &digits, &after))
        return "it needs one {n}, or {n:02} for two digits";
    format(pattern, NAME_PATTERN_NUMBERS, name, sizeof(name));
    return name_host_problem(name);
}

void name_pattern_format(const char *pattern, unsigned number, char ret[64])
{
    format(pattern, number, ret, 64);
}

json_t *name_pattern_get(struct server *s, struct refusal *r)
{
    json_t *row = database_row(s->database, r, "SELECT value FROM settings WHERE name = ?", "s", SETTING);
    json_t *pattern = row ? json_string(row_text(row, "value")) : NULL;

    json_decref(row);
    return pattern;
}

static int save(struct server *s, const char *pattern, struct refusal *r)
{
    if (!pattern[0])
        return database_run(s->database, r, "DELETE FROM settings WHERE name = ?", "s", SETTING) < 0 ? -1 : 0;
    return database_run(s->database, r, "INSERT OR REPLACE INTO settings VALUES(?, ?)", "ss", SETTING, pattern) < 0 ? -1
                                                                                                                    : 0;
}

int name_pattern_set(struct server *s, const char *pattern, struct refusal *r)
{
    const char *problem = pattern[0] ? name_pattern_problem(pattern) : NULL;

    if (problem)
        return refuse(r, 400, "bad-request", "'%.100s' makes no names: %s", pattern, problem);
    if (database_begin(s->database, true, r))
        return -1;
    if (save(s, pattern, r)) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

static json_t *names_in_use(struct server *s, struct refusal *r)
{
    json_t *rows = database_rows(s->database, r, "SELECT lower(name) AS name FROM machines", ""), *row;
    json_t *names = rows ? json_object() : NULL;
    size_t i;

    json_array_foreach(rows, i, row) json_object_set_new(names, row_text(row, "name"), json_true());
    json_decref(rows);
    return names;
}

static void lower_case(char *name)
{
    for (; *name; name++)
        if (*name >= 'A' && *name <= 'Z')
            *name = (char)(*name - 'A' + 'a');
}

static void find_free(const json_t *names, const char *pattern, char ret[64])
{
    char name[64];

    for (unsigned n = 1; n <= NAME_PATTERN_NUMBERS; n++) {
        name_pattern_format(pattern, n, name);
        lower_case(name);
        if (!json_object_get(names, name)) {
            name_pattern_format(pattern, n, ret);
            return;
        }
    }
}

int name_pattern_next(struct server *s, char ret[64], struct refusal *r)
{
    json_t *pattern = name_pattern_get(s, r), *names;

    ret[0] = 0;
    if (!pattern)
        return -1;
    if (json_string_length(pattern) == 0) {
        json_decref(pattern);
        return 0;
    }
    names = names_in_use(s, r);
    if (names)
        find_free(names, json_string_value(pattern), ret);
    json_decref(pattern);
    json_decref(names);
    return names ? 0 : -1;
}
