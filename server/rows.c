/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machines.h"

#include "server/log.h"

const char *row_text(const json_t *row, const char *column)
{
    const char *text = json_string_value(json_object_get(row, column));

    return text ? text : "";
}

int64_t row_integer(const json_t *row, const char *column)
{
    return json_integer_value(json_object_get(row, column));
}

json_t *row_time(const json_t *row, const char *column)
{
    char text[CLOCK_TEXT];

    if (!json_is_integer(json_object_get(row, column)))
        return json_null();
    clock_format(row_integer(row, column), text);
    return json_string(text);
}
