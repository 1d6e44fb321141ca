/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <stdlib.h>
#include <string.h>

#include "server/cli_csv.h"
#include "server/cli_table.h"

#define FILE_MAX ((size_t)4 * 1024 * 1024)

static json_int_t line_of(const json_t *line)
{
    return json_integer_value(json_object_get(line, "line"));
}

/* {"line", "mac", "name", "set"}; NULL after telling why. An empty cell is one that is not given. */
static json_t *read_row(const char *file, const json_t *head, const json_t *line)
{
    const json_t *cells = json_object_get(line, "cells"), *key;
    json_t *set = json_object(), *row = json_pack("{s:I, s:o}", "line", line_of(line), "set", set), *value;
    size_t i;

    if (json_array_size(cells) != json_array_size(head)) {
        cli_fail(CLI_FAILED, "%s, line %lld: %zu cells under a header of %zu", file, (long long)line_of(line),
                 json_array_size(cells), json_array_size(head));
        json_decref(row);
        return NULL;
    }
    json_array_foreach(head, i, key)
    {
        const char *name = json_string_value(key);

        value = json_array_get(cells, i);
        if (json_string_length(value) > 0)
            json_object_set(strcmp(name, "mac") && strcmp(name, "name") ? set : row, name, value);
    }
    return row;
}

static int check_head(const char *file, const json_t *head)
{
    unsigned mac = 0, name = 0;
    const json_t *key;
    size_t i;

    json_array_foreach(head, i, key)
    {
        const char *text = json_string_value(key);

        mac += strcmp(text, "mac") == 0;
        name += strcmp(text, "name") == 0;
        for (size_t k = 0; k < i; k++)
            if (json_equal(key, json_array_get(head, k)))
                return cli_fail(CLI_FAILED, "%s, line 1: the column %s is there twice", file, text);
    }
    return mac && name ? 0
                       : cli_fail(CLI_FAILED,
                                  "%s, line 1: the header needs the columns mac and name, with commas or "
                                  "semicolons between them",
                                  file);
}

/* NULL after telling why. */
static json_t *read_rows(const char *file, const json_t *lines)
{
    const json_t *head = json_object_get(json_array_get(lines, 0), "cells");
    json_t *rows = json_array(), *row;

    if (check_head(file, head)) {
        json_decref(rows);
        return NULL;
    }
    for (size_t i = 1; i < json_array_size(lines); i++) {
        row = read_row(file, head, json_array_get(lines, i));
        if (!row) {
            json_decref(rows);
            return NULL;
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *read_file(const char *file)
{
    size_t size;
    char *text = cli_read_file(file, FILE_MAX, &size);
    const char *problem = NULL;
    json_t *lines, *rows;
    unsigned line = 1;

    if (!text)
        return NULL;
    lines = strlen(text) == size ? cli_csv_parse(text, &line, &problem) : NULL;
    free(text);
    if (!lines) {
        cli_fail(CLI_FAILED, "%s, line %u: %s", file, line, problem ? problem : "this is not CSV in UTF-8");
        return NULL;
    }
    rows = read_rows(file, lines);
    json_decref(lines);
    return rows;
}

static void say(const json_t *answer)
{
    printf("%lld machines added, %lld changed\n", (long long)json_integer_value(json_object_get(answer, "added")),
           (long long)json_integer_value(json_object_get(answer, "changed")));
}

int cli_room(const struct cli *c, const char *file)
{
    json_t *rows = read_file(file);

    if (!rows)
        return CLI_FAILED;
    if (json_array_size(rows) == 0) {
        json_decref(rows);
        return cli_fail(CLI_FAILED, "%s: there is no machine under the header", file);
    }
    return cli_finish(c, cli_request(c, "POST", "/admin/v1/rooms", json_pack("{s:o}", "rows", rows)), say);
}

static void say_pattern(const json_t *answer)
{
    const char *pattern = member(answer, "pattern");

    puts(pattern[0] ? pattern : "no pattern: machines that are new are named after their MAC");
}

int cli_pattern(const struct cli *c, const char *pattern)
{
    json_t *body = pattern ? json_pack("{s:s}", "pattern", pattern) : NULL;

    return cli_finish(c, cli_request(c, pattern ? "PUT" : "GET", "/admin/v1/pattern", body), say_pattern);
}
