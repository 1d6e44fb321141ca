/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/progress.h"

#include <stdarg.h>
#include <stdio.h>

#define NOTE_MAX 512

void progress_note(const struct progress *p, const char *format, ...)
{
    char text[NOTE_MAX];
    va_list args;

    if (!p->note)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    p->note(p->arg, text);
}
