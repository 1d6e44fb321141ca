/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/account_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
    line += line_length(line);
    return line + (*line == '\n');
}

static const char *find_line(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (; *text; text = next_line(text))
        if (!strncmp(text, name, n) && text[n] == ':')
            return text;
    return NULL;
}

/* Where field `n` of a line begins, or NULL; *ret_length is the field's. */
static const char *find_field(const char *line, unsigned n, size_t *ret_length)
{
    for (; n; n--) {
        line += strcspn(line, ":\n");
        if (*line != ':')
            return NULL;
        line++;
    }
    *ret_length = strcspn(line, ":\n");
    return line;
}

bool account_field(const char *text, const char *name, unsigned n, char *ret, size_t size)
{
    const char *line = find_line(text, name), *field;
    size_t length;

    field = line ? find_field(line, n, &length) : NULL;
    if (!field || length >= size)
        return false;
    snprintf(ret, size, "%.*s", (int)length, field);
    return true;
}

bool account_exists(const char *text, const char *name)
{
    return find_line(text, name) != NULL;
}

bool account_number_taken(const char *text, unsigned n, unsigned number)
{
    size_t length;

    for (; *text; text = next_line(text)) {
        const char *field = find_field(text, n, &length);
        if (field && length && length < 11 && strtoul(field, NULL, 10) == number)
            return true;
    }
    return false;
}

void account_set(const char *text, const char *name, unsigned n, const char *value, struct identity_draft *ret)
{
    const char *line = find_line(text, name), *field;
    size_t length;

    field = line ? find_field(line, n, &length) : NULL;
    if (field)
        identity_print(ret, "%.*s%s%s", (int)(field - text), text, value, field + length);
    else
        identity_print(ret, "%s", text);
}

static bool is_member(const char *list, size_t length, const char *member)
{
    const char *end = list + length;
    size_t n;

    for (; list < end; list += n + 1) {
        n = strcspn(list, ",:\n");
        if (n == strlen(member) && !memcmp(list, member, n))
            return true;
    }
    return false;
}

void account_add_member(const char *text, const char *name, unsigned n, const char *member, struct identity_draft *ret)
{
    const char *line = find_line(text, name), *field;
    size_t length;

    field = line ? find_field(line, n, &length) : NULL;
    if (!field || is_member(field, length, member))
        identity_print(ret, "%s", text);
    else
        identity_print(ret, "%.*s%s%s%s", (int)(field + length - text), text, length ? "," : "", member,
                       field + length);
}
