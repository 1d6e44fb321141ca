/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli_csv.h"

#include <stdbool.h>
#include <string.h>

struct csv {
    char *at, separator;
    unsigned line;
    const char *problem;
};

/* Spreadsheets write semicolons where the comma belongs to numbers. */
static char find_separator(const char *text)
{
    size_t head = strcspn(text, "\r\n");

    return memchr(text, ';', head) && !memchr(text, ',', head) ? ';' : ',';
}

static bool is_end(const struct csv *c, char letter)
{
    return letter == c->separator || letter == '\n' || letter == '\r' || letter == 0;
}

/* A cell in quotes, written over itself without them. */
static char *quoted_cell(struct csv *c)
{
    char *start = ++c->at, *to = start;

    for (; *c->at; c->at++) {
        if (*c->at == '"' && c->at[1] != '"')
            break;
        c->at += *c->at == '"';
        c->line += *c->at == '\n';
        *to++ = *c->at;
    }
    if (*c->at != '"')
        c->problem = "a quote does not end";
    else if (!is_end(c, *++c->at))
        c->problem = "characters behind a cell's last quote";
    if (c->problem)
        return NULL;
    if (to < c->at)
        *to = 0;
    return start;
}

static char *plain_cell(struct csv *c)
{
    char *start = c->at;

    while (!is_end(c, *c->at))
        c->at++;
    return start;
}

/* One line; c->at is behind it. NULL with c->problem. */
static json_t *read_line(struct csv *c)
{
    json_t *cells = json_array();
    char *cell, end = c->separator;

    while (end == c->separator) {
        cell = *c->at == '"' ? quoted_cell(c) : plain_cell(c);
        end = *c->at;
        if (cell) {
            *c->at = 0;
            if (json_array_append_new(cells, json_string(cell)))
                c->problem = "this is not UTF-8";
        }
        if (c->problem) {
            json_decref(cells);
            return NULL;
        }
        c->at += end != 0;
    }
    if (end == '\r' && *c->at == '\n')
        c->at++;
    return cells;
}

static bool is_blank(const json_t *cells)
{
    return json_array_size(cells) == 1 && json_string_length(json_array_get(cells, 0)) == 0;
}

json_t *cli_csv_parse(char *text, unsigned *ret_line, const char **ret_problem)
{
    struct csv c = {.at = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text, .line = 1};
    json_t *lines = json_array(), *cells;
    unsigned line;

    c.separator = find_separator(c.at);
    while (*c.at) {
        line = c.line;
        cells = read_line(&c);
        if (!cells) {
            *ret_line = c.line;
            *ret_problem = c.problem;
            json_decref(lines);
            return NULL;
        }
        c.line++;
        if (is_blank(cells))
            json_decref(cells);
        else
            json_array_append_new(lines, json_pack("{s:I, s:o}", "line", (json_int_t)line, "cells", cells));
    }
    return lines;
}
