/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/key_value.h"

#include <string.h>

#define BLANKS " \t\r"

bool key_value_get(const char *text, const char *key, char *ret, size_t size)
{
    size_t length = strlen(key);
    bool found = false;

    for (const char *line = text; *line; line += *line == '\n') {
        const char *end = line + strcspn(line, "\n"), *value;
        line += strspn(line, BLANKS);
        value = line + length;
        if (!strncmp(line, key, length) && *(value += strspn(value, BLANKS)) == '=') {
            value++;
            value += strspn(value, BLANKS);
            size_t n = (size_t)(end > value ? end - value : 0);
            while (n > 0 && strchr(BLANKS, value[n - 1]))
                n--;
            if (n < size) {
                memcpy(ret, value, n);
                ret[n] = '\0';
                found = true;
            }
        }
        line = end;
    }
    return found;
}
