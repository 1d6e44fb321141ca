/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/source_sum.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Reads exactly 2 * size digits, behind which no other letter or digit follows. */
static bool parse_hex(const char *text, unsigned size, uint8_t *ret)
{
    for (unsigned i = 0; i < 2 * size; i++) {
        int value = digit(text[i]);
        if (value < 0)
            return false;
        ret[i / 2] = (uint8_t)(i % 2 ? ret[i / 2] << 4 | value : value);
    }
    return !isalnum((unsigned char)text[2 * size]);
}

static bool is_name(const char *at, size_t length, const char *name)
{
    if (length > 2 && !strncmp(at, "./", 2)) {
        at += 2;
        length -= 2;
    }
    return length == strlen(name) && !strncmp(at, name, length);
}

static bool parse_line(const char *line, const char *name, unsigned size, uint8_t *ret)
{
    const char *open = strstr(line, " ("), *close = open ? strstr(open, ") = ") : NULL, *at;

    if (!strncmp(line, "SHA", 3) && close)
        return is_name(open + 2, (size_t)(close - open - 2), name) && parse_hex(close + 4, size, ret);
    if (!parse_hex(line, size, ret))
        return false;
    at = line + 2 * size;
    at += strspn(at, " \t");
    at += *at == '*';
    return is_name(at, strcspn(at, "\r\n"), name);
}

bool source_sum_parse(const char *text, const char *name, unsigned size, uint8_t *ret)
{
    uint8_t sum[64];

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        char copy[1024];
        snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(line, "\n"), line);
        if (parse_line(copy, name, size, sum)) {
            memcpy(ret, sum, size);
            return true;
        }
    }
    if (!parse_hex(text, size, sum) || text[2 * size + strspn(text + 2 * size, " \t\r\n")])
        return false;
    memcpy(ret, sum, size);
    return true;
}

/* NULL: there is none, or it cannot be read. */
static char *read_text(const char *where, const struct progress *p)
{
    struct failure f;
    struct source *s = source_open(where, p, &f);
    char *text = s ? calloc(1, TEXT_MAX + 1) : NULL;
    size_t size = 0;
    long n = 0;

    while (text && size < TEXT_MAX && (n = source_read(s, text + size, TEXT_MAX - size, &f)) > 0)
        size += (size_t)n;
    source_close(s);
    if (n >= 0)
        return text;
    free(text);
    return NULL;
}

static bool look_into(const char *file, const char *name, unsigned size, const struct progress *p,
                      struct source_sum *ret)
{
    char *text = read_text(file, p);
    bool found = text && source_sum_parse(text, name, size, ret->sum);

    free(text);
    if (!found)
        return false;
    ret->size = size;
    snprintf(ret->from, sizeof(ret->from), "%s", file);
    return true;
}

int source_sum_find(const char *where, const struct progress *p, struct source_sum *ret, struct failure *f)
{
    size_t length = strcspn(where, "?#"), folder = length;
    char file[1200], name[256];
    /* Notes of retries would be about files that nobody asked for. */
    const struct progress quiet = {.cancelled = p->cancelled, .arg = p->arg};

    *ret = (struct source_sum){0};
    while (folder > 0 && where[folder - 1] != '/')
        folder--;
    if (length > 1000 || length - folder >= sizeof(name))
        return 0;
    snprintf(name, sizeof(name), "%.*s", (int)(length - folder), where + folder);
    snprintf(file, sizeof(file), "%.*s.sha256", (int)length, where);
    if (look_into(file, name, 32, &quiet, ret))
        return 0;
    snprintf(file, sizeof(file), "%.*sSHA256SUMS", (int)folder, where);
    if (look_into(file, name, 32, &quiet, ret))
        return 0;
    snprintf(file, sizeof(file), "%.*sSHA512SUMS", (int)folder, where);
    if (look_into(file, name, 64, &quiet, ret))
        return 0;
    if (p->cancelled && p->cancelled(p->arg))
        return fail(f, "cancelled", "cancelled while the checksum of %.200s was looked for", where);
    return 0;
}

int source_sum_check(const struct source_sum *sum, struct source *s, struct failure *f)
{
    uint8_t found[64];

    source_sum(s, found);
    if (!memcmp(sum->sum, found, sum->size))
        return 0;
    return fail(f, "bad-image", "%.200s does not have the checksum that %.100s says", source_name(s), sum->from);
}
