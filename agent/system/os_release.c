/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/os_release.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char printable(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
}

/* The value of [p, end): words of the shell, quoted or not, with a backslash before what it would evaluate. */
static void take_value(const char *p, const char *end, char *ret, size_t size)
{
    char quote = 0;
    size_t n = 0;

    for (; p < end && n + 1 < size; p++) {
        if (quote ? *p == quote : *p == '"' || *p == '\'') {
            quote = quote ? 0 : *p;
            continue;
        }
        if (!quote && (*p == ' ' || *p == '\t' || *p == '\r'))
            break;
        if (*p == '\\' && quote != '\'' && p + 1 < end)
            p++;
        ret[n++] = printable(*p);
    }
    ret[n] = '\0';
}

static bool is_key(const char *line, size_t length, const char *key)
{
    size_t n = strlen(key);

    return length > n && !memcmp(line, key, n) && line[n] == '=';
}

void os_release_parse(const char *text, size_t size, struct os_release *ret)
{
    char name[sizeof(ret->name)] = "";
    const struct {
        const char *key;
        char *value;
        size_t size;
    } members[] = {{"ID", ret->id, sizeof(ret->id)},
                   {"VERSION_ID", ret->version, sizeof(ret->version)},
                   {"VARIANT", ret->edition, sizeof(ret->edition)},
                   {"PRETTY_NAME", ret->name, sizeof(ret->name)},
                   {"NAME", name, sizeof(name)}};
    const char *end = text + size, *next;

    memset(ret, 0, sizeof(*ret));
    for (const char *line = text; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        next = stop + 1;
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
            if (is_key(line, (size_t)(stop - line), members[i].key))
                take_value(line + strlen(members[i].key) + 1, stop, members[i].value, members[i].size);
    }
    if (!ret->id[0])
        strcpy(ret->id, "linux");
    if (!ret->name[0])
        snprintf(ret->name, sizeof(ret->name), "%s", name[0] ? name : ret->id);
}
