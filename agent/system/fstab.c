/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/fstab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* A field of `length` bytes, with \040 for a space; quotes, which a value may have behind "UUID=", go. */
static bool take_field(const char *p, size_t length, char *ret, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        char c = p[i];
        if (c == '"')
            continue;
        if (c == '\\' && length - i > 3 && is_octal(p[i + 1]) && is_octal(p[i + 2]) && is_octal(p[i + 3])) {
            c = (char)((p[i + 1] - '0') * 64 + (p[i + 2] - '0') * 8 + (p[i + 3] - '0'));
            i += 3;
        }
        if (!c || n + 1 >= size)
            return false;
        ret[n++] = c;
    }
    ret[n] = '\0';
    return n > 0;
}

static bool parse_line(const char *line, size_t length, struct fstab_entry *ret)
{
    const struct {
        char *text;
        size_t size;
    } fields[] = {{ret->what, sizeof(ret->what)},
                  {ret->folder, sizeof(ret->folder)},
                  {ret->type, sizeof(ret->type)},
                  {ret->options, sizeof(ret->options)}};
    const char *end = line + length;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        line += strspn(line, BLANKS);
        length = strcspn(line, BLANKS "\r\n");
        if (line >= end || (i == 0 && *line == '#') || !take_field(line, length, fields[i].text, fields[i].size))
            return false;
        line += length;
    }
    return ret->folder[0] == '/';
}

static int compare(const void *a, const void *b)
{
    const struct fstab_entry *one = a, *other = b;
    size_t n = strlen(one->folder), m = strlen(other->folder);

    return n < m ? -1 : n > m ? 1 : strcmp(one->folder, other->folder);
}

unsigned fstab_parse(const char *text, struct fstab_entry ret[FSTAB_ENTRIES])
{
    unsigned count = 0;
    size_t length;

    for (; *text && count < FSTAB_ENTRIES; text += length) {
        length = strcspn(text, "\n");
        count += parse_line(text, length, &ret[count]);
        length += text[length] == '\n';
    }
    /* A folder is shorter than what lies in it. */
    qsort(ret, count, sizeof(*ret), compare);
    return count;
}

bool fstab_option(const struct fstab_entry *e, const char *name, char *ret, size_t size)
{
    size_t n = strlen(name), length;

    for (const char *p = e->options; *p; p += length + (p[length] == ',')) {
        length = strcspn(p, ",");
        if (length > n && !memcmp(p, name, n) && p[n] == '=' && length - n - 1 < size) {
            snprintf(ret, size, "%.*s", (int)(length - n - 1), p + n + 1);
            return true;
        }
    }
    return false;
}
