/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is told may come from a disk or from the network: it is one line, whatever it has in it. */
static void make_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

int fail(struct failure *f, const char *reason, const char *format, ...)
{
    /* Callers put an earlier reason or message into the new one: format aside, then copy. */
    struct failure next;
    va_list args;

    snprintf(next.reason, sizeof(next.reason), "%s", reason);
    va_start(args, format);
    vsnprintf(next.message, sizeof(next.message), format, args);
    va_end(args);
    make_line(next.message);
    memcpy(f, &next, sizeof(*f));
    return -1;
}
