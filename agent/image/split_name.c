/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/split_name.h"

#include <stdio.h>
#include <string.h>

bool split_name_format(const char *first, unsigned number, char *ret, size_t size)
{
    static const char end[] = ".img";
    size_t length = strlen(first), stem = length - strlen(end);
    int n;

    if (length <= strlen(end) || strcmp(first + stem, end))
        return false;
    if (number == 1)
        n = snprintf(ret, size, "%s", first);
    else
        n = snprintf(ret, size, "%.*s.%03u", (int)stem, first, number);
    return n > 0 && (size_t)n < size;
}
