/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/grub_env.h"

#include <string.h>

#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define NAME_SIZE 64

static bool take_value(const char *s, char *ret, size_t size)
{
    size_t n = 0;

    for (; *s && *s != '\n'; s++) {
        if (*s == '\\' && s[1])
            s++;
        if (n + 1 >= size) {
            ret[0] = '\0';
            return false;
        }
        ret[n++] = *s;
    }
    ret[n] = '\0';
    return true;
}

bool grub_env_get(const char *env, const char *name, char *ret, size_t size)
{
    size_t length = strlen(name);

    ret[0] = '\0';
    for (const char *line = env; *line; line += *line == '\n') {
        if (!strncmp(line, name, length) && line[length] == '=')
            return take_value(line + length + 1, ret, size);
        line += strcspn(line, "\n");
    }
    return false;
}

/* The name behind a dollar sign at `s`; returns how many bytes it takes with the sign, 0 when there is none. */
static size_t take_name(const char *s, char ret[NAME_SIZE])
{
    bool braces = s[1] == '{';
    const char *name = s + 1 + braces;
    size_t length = strspn(name, NAME_LETTERS);

    if (length == 0 || length >= NAME_SIZE || (braces && name[length] != '}'))
        return 0;
    memcpy(ret, name, length);
    ret[length] = '\0';
    return 1 + 2 * (size_t)braces + length;
}

bool grub_env_expand(const char *env, const char *text, char *ret, size_t size)
{
    char name[NAME_SIZE];
    size_t n = 0, taken;

    while (*text) {
        taken = *text == '$' ? take_name(text, name) : 0;
        if (taken) {
            grub_env_get(env, name, ret + n, size - n);
            n += strlen(ret + n);
            text += taken;
            continue;
        }
        text += *text == '\\' && text[1] == '$';
        if (n + 1 >= size)
            return false;
        ret[n++] = *text++;
        ret[n] = '\0';
    }
    ret[n] = '\0';
    return true;
}
