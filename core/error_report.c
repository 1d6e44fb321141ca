/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/error_report.h"

#define NAME_COLUMNS 12

/* Bytes of `s` that go into a line of `room` columns: up to a blank, all of it if it fits or has none. */
static size_t line_length(const char *s, size_t room)
{
    size_t length = text_length(s, SIZE_MAX), n = room;

    if (length <= room)
        return length;
    while (n > 0 && s[n] != ' ')
        n--;
    return n ? n : length;
}

/* Counts *line down over the lines of one field. Returns true when that came to one of them, which is in *t then. */
static bool field_line(const char *name, const char *value, unsigned columns, unsigned *line, struct text *t)
{
    while (*value) {
        size_t n = line_length(value, columns - NAME_COLUMNS - 1);

        if ((*line)-- == 0) {
            text_string(t, name);
            text_untrusted(t, value, n);
            return true;
        }
        name = "            ";
        value += n;
        while (*value == ' ')
            value++;
    }
    return false;
}

bool error_report_line(const struct error_detail *error, unsigned columns, unsigned line, struct text *t)
{
    const struct error_text *e = error_text(error->code);
    char server[16] = "";
    struct text s;

    if (line == 0) {
        text_string(t, e->name);
        text_string(t, ": ");
        text_string(t, e->title);
        return true;
    }
    line--;
    text_init(&s, server, sizeof(server));
    if (!ip4_is_zero(error->server))
        text_ip4(&s, error->server);
    return field_line("  Server:   ", server, columns, &line, t) ||
           field_line("  Received: ", error->received, columns, &line, t) ||
           field_line("  Cause:    ", e->cause, columns, &line, t) ||
           field_line("  Cure:     ", e->cure, columns, &line, t);
}
