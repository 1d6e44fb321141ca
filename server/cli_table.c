/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *new_cell(struct table *t)
{
    if (t->next == 0 && t->rows == t->room) {
        size_t room = t->room ? 2 * t->room : 32;
        void *cells = realloc(t->cells, room * sizeof(*t->cells));

        if (!cells) {
            fputs("slipway: out of memory\n", stderr);
            exit(1);
        }
        t->cells = cells;
        t->room = room;
    }
    char *cell = t->cells[t->next ? t->rows - 1 : t->rows][t->next];

    t->rows += t->next == 0;
    t->next = (t->next + 1) % t->columns;
    return cell;
}

void table_begin(struct table *t, const char *const *headings)
{
    *t = (struct table){0};
    while (headings[t->columns])
        t->columns++;
    for (unsigned i = 0; i < t->columns; i++)
        table_cell(t, "%s", headings[i]);
}

static void make_safe(char *text, const char *keep)
{
    for (; *text; text++) {
        if (((unsigned char)*text < 0x20 || *text == 0x7f) && !strchr(keep, *text))
            *text = '?';
    }
}

void cli_print(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    if (text) {
        make_safe(text, "\n\t");
        fputs(text, stdout);
    }
    free(text);
}

void table_cell(struct table *t, const char *format, ...)
{
    char *cell = new_cell(t);
    va_list args;

    va_start(args, format);
    vsnprintf(cell, CELL_MAX, format, args);
    va_end(args);
    make_safe(cell, "");
}

void table_print(struct table *t)
{
    int width[TABLE_COLUMNS] = {0};

    for (size_t row = 0; row < t->rows; row++) {
        for (unsigned i = 0; i < t->columns; i++) {
            int n = (int)strlen(t->cells[row][i]);

            width[i] = n > width[i] ? n : width[i];
        }
    }
    for (size_t row = 0; row < t->rows; row++) {
        for (unsigned i = 0; i + 1 < t->columns; i++)
            printf("%-*s  ", width[i], t->cells[row][i]);
        puts(t->cells[row][t->columns - 1]);
    }
    free(t->cells);
}

const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

char *size_text(json_int_t bytes, char ret[SIZE_TEXT])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    unsigned unit = 0;

    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(ret, SIZE_TEXT, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return ret;
}
