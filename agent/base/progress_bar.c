/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/progress_bar.h"

#include <stdio.h>
#include <string.h>

#define BAR_MIN 10
#define BAR_MAX 48
#define FIGURES 50 /* columns for the longest figures, so that the bar keeps its width while they change */

void progress_bytes_format(char ret[16], uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t whole = bytes, rest = 0;
    unsigned unit = 0;

    while (whole >= 1000) {
        rest = whole % 1000;
        whole /= 1000;
        unit++;
    }
    if (unit > 0 && whole < 10)
        snprintf(ret, 16, "%u.%u %s", (unsigned)whole, (unsigned)(rest / 100), units[unit]);
    else
        snprintf(ret, 16, "%u %s", (unsigned)whole, units[unit]);
}

void progress_time_format(char ret[16], uint32_t seconds)
{
    unsigned h = seconds / 3600, m = seconds / 60 % 60, s = seconds % 60;

    if (seconds == UINT32_MAX)
        ret[0] = '\0';
    else if (h > 0)
        snprintf(ret, 16, "%u:%02u:%02u", h, m, s);
    else
        snprintf(ret, 16, "%u:%02u", m, s);
}

static unsigned percent_of(uint64_t done, uint64_t total)
{
    if (total == 0)
        return 0;
    if (done >= total)
        return 100;
    /* 100 % is for what is over; the division first keeps 64 bits from overflowing. */
    return total >= 100 ? (unsigned)(done / (total / 100) < 99 ? done / (total / 100) : 99)
                        : (unsigned)(done * 100 / total);
}

static void format_figures(char *ret, size_t size, const struct progress_report *r)
{
    char done[16], total[16], rate[16], left[16];

    progress_bytes_format(done, r->done);
    progress_bytes_format(total, r->total);
    progress_bytes_format(rate, r->rate);
    progress_time_format(left, r->seconds_left);
    snprintf(ret, size, " %3u%%  %6s of %s  %6s/s", percent_of(r->done, r->total), done, total, rate);
    if (left[0])
        snprintf(ret + strlen(ret), size - strlen(ret), "  %s left", left);
}

static void format_bar(char *ret, unsigned width, unsigned percent)
{
    unsigned filled = percent * width / 100;

    memset(ret, ' ', width);
    memset(ret, '=', filled);
    if (filled > 0 && filled < width)
        ret[filled - 1] = '>';
    ret[width] = '\0';
}

static void cut(char *ret, size_t size, unsigned columns, const char *line)
{
    if (columns + 1 < size)
        size = columns + 1;
    snprintf(ret, size, "%s", line);
}

void progress_bar_format(char *ret, size_t size, unsigned columns, const struct progress_report *r)
{
    char figures[96], bar[BAR_MAX + 1], line[192];
    size_t fixed, width;

    format_figures(figures, sizeof(figures), r);
    fixed = strnlen(r->step, 16) + strlen(" []") + FIGURES;
    width = columns > fixed ? columns - fixed : 0;
    if (width >= BAR_MIN) {
        format_bar(bar, (unsigned)(width < BAR_MAX ? width : BAR_MAX), percent_of(r->done, r->total));
        snprintf(line, sizeof(line), "%.16s [%s]%s", r->step, bar, figures);
    } else {
        snprintf(line, sizeof(line), "%.16s%s", r->step, figures);
    }
    cut(ret, size, columns, line);
}

void progress_part_format(char *ret, size_t size, unsigned columns, const struct progress_report *r)
{
    char line[192], done[16], total[16];

    progress_bytes_format(done, r->part_done);
    progress_bytes_format(total, r->part_total);
    if (!r->what || !r->what[0])
        line[0] = '\0';
    else if (r->part_total == 0)
        snprintf(line, sizeof(line), "%.96s", r->what);
    else
        snprintf(line, sizeof(line), "%.96s: %u%%, %s of %s", r->what, percent_of(r->part_done, r->part_total), done,
                 total);
    cut(ret, size, columns, line);
}

void progress_text_format(char *ret, size_t size, const struct progress_report *r)
{
    char figures[96], part[160];

    format_figures(figures, sizeof(figures), r);
    progress_part_format(part, sizeof(part), sizeof(part), r);
    snprintf(ret, size, "%.16s%s%s%s", r->step, figures, part[0] ? "  " : "", part);
}
