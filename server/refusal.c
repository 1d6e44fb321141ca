/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int refuse(struct refusal *r, int status, const char *code, const char *format, ...)
{
    va_list args;

    r->status = status;
    snprintf(r->code, sizeof(r->code), "%s", code);
    va_start(args, format);
    vsnprintf(r->message, sizeof(r->message), format, args);
    va_end(args);
    return -1;
}

int refuse_errno(struct refusal *r, int error, const char *doing)
{
    if (error == ENOSPC || error == EDQUOT)
        return refuse(r, 507, "store-full", "the image store is full (%s: %s)", doing, strerror(error));
    return refuse(r, 500, "internal", "%s: %s", doing, strerror(error));
}
