/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_format(int64_t ms, char ret[CLOCK_TEXT])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char day[24];

    gmtime_r(&seconds, &tm);
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret, CLOCK_TEXT, "%s.%03dZ", day, (int)(ms % 1000));
}

void log_line(const char *format, ...)
{
    char text[1024], when[CLOCK_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    }
    clock_format(clock_ms(), when);
    fprintf(stderr, "%s %s\n", when, text);
}
