/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/json_body.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The bytes of a string may be brackets, too; a backslash hides a quote. */
static bool too_deep(const uint8_t *data, size_t size)
{
    bool in_string = false;
    unsigned depth = 0;

    for (size_t i = 0; i < size; i++) {
        if (in_string && data[i] == '\\')
            i++;
        else if (data[i] == '"')
            in_string = !in_string;
        else if (!in_string && (data[i] == '[' || data[i] == '{') && ++depth > JSON_BODY_DEPTH)
            return true;
        else if (!in_string && (data[i] == ']' || data[i] == '}') && depth > 0)
            depth--;
    }
    return false;
}

json_t *json_body_parse(const void *data, size_t size, json_error_t *ret_error)
{
    if (!too_deep(data, size))
        return json_loadb(data, size, JSON_REJECT_DUPLICATES, ret_error);
    *ret_error = (json_error_t){.line = 1};
    snprintf(ret_error->text, sizeof(ret_error->text), "more than %d levels within each other", JSON_BODY_DEPTH);
    return NULL;
}
