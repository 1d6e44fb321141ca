/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/json_text.h"

json_t *json_text(const char *s)
{
    json_t *value = json_string(s);
    char plain[512];
    size_t n = 0;

    if (value)
        return value;
    for (; s[n] && n + 1 < sizeof(plain); n++)
        plain[n] = (signed char)s[n] > 0 ? s[n] : '?';
    plain[n] = 0;
    return json_string(plain);
}
