/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/failure.h"

#include <stdarg.h>
#include <stdio.h>

int fail(struct failure *f, const char *reason, const char *format, ...)
{
    va_list args;

    snprintf(f->reason, sizeof(f->reason), "%s", reason);
    va_start(args, format);
    vsnprintf(f->message, sizeof(f->message), format, args);
    va_end(args);
    return -1;
}
