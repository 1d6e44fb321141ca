/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/progress_line.h"

#define NAME_MAX 60

/* value / unit with one digit behind the point. */
static void text_tenths(struct text *t, uint64_t value, uint64_t unit)
{
    uint64_t tenths = value / (unit / 10);

    text_unsigned(t, tenths / 10);
    text_char(t, '.');
    text_unsigned(t, tenths % 10);
}

/* Small files are told in kB. */
static uint64_t unit_for(uint64_t size)
{
    return size < 1000000 ? 1000 : 1000000;
}

static void text_unit(struct text *t, uint64_t unit)
{
    text_string(t, unit == 1000 ? " kB" : " MB");
}

static void text_name(struct text *t, const char *name)
{
    text_untrusted(t, name, text_length(name, NAME_MAX));
    text_string(t, "  ");
}

static void text_rate(struct text *t, uint64_t bytes, uint64_t elapsed_ms)
{
    /* Bytes per millisecond are kilobytes per second. */
    text_tenths(t, bytes / (elapsed_ms ? elapsed_ms : 1), 1000);
    text_string(t, " MB/s");
}

void progress_line(struct text *t, const char *name, uint64_t done, uint64_t total, uint64_t elapsed_ms)
{
    uint64_t unit = unit_for(total ? total : done);

    text_name(t, name);
    text_tenths(t, done, unit);
    if (total) {
        text_string(t, " of ");
        text_tenths(t, total, unit);
    }
    text_unit(t, unit);
    text_string(t, "  ");
    if (total) {
        text_unsigned(t, done >= total ? 100 : done / (total / 100 + 1));
        text_string(t, " %  ");
    }
    text_rate(t, done, elapsed_ms);
}

void progress_line_done(struct text *t, const char *name, uint64_t size, uint64_t elapsed_ms)
{
    text_name(t, name);
    text_tenths(t, size, unit_for(size));
    text_unit(t, unit_for(size));
    text_string(t, " in ");
    text_tenths(t, elapsed_ms, 1000);
    text_string(t, " s  ");
    text_rate(t, size, elapsed_ms);
}

const char *progress_base_name(const char *path)
{
    const char *ret = path;

    for (; *path; path++)
        if (*path == '/' || *path == '\\')
            ret = path + 1;
    return ret;
}
