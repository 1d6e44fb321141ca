/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/host_name.h"

#include <string.h>

#define HOST_NAME_LENGTH 63

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool host_name_valid(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > HOST_NAME_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool first = i == 0 || name[i - 1] == '.', last = i + 1 == length || name[i + 1] == '.';

        if (!is_alnum(name[i]) && (first || last || (name[i] != '-' && name[i] != '.')))
            return false;
    }
    return true;
}
