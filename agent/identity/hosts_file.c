/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/hosts_file.h"

#include <string.h>

#define OWN_ADDRESS "127.0.1.1"

static bool is_own_line(const char *line, size_t length)
{
    size_t n = strlen(OWN_ADDRESS);

    while (length > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        length--;
    }
    return length > n && memcmp(line, OWN_ADDRESS, n) == 0 && (line[n] == ' ' || line[n] == '\t');
}

/* The name, and its first label alone where it has others. */
static bool append_own_line(struct buffer *ret, const char *host_name)
{
    size_t label = strcspn(host_name, ".");

    if (!buffer_append(ret, OWN_ADDRESS "\t", strlen(OWN_ADDRESS "\t")) ||
        !buffer_append(ret, host_name, strlen(host_name)))
        return false;
    if (host_name[label] && (!buffer_append(ret, " ", 1) || !buffer_append(ret, host_name, label)))
        return false;
    return buffer_append(ret, "\n", 1);
}

bool hosts_file_rename(const char *old, const char *host_name, struct buffer *ret)
{
    bool done = false, ok = true;
    size_t length;

    ret->size = 0;
    for (; ok && *old; old += length) {
        length = strcspn(old, "\n");
        if (is_own_line(old, length)) {
            ok = done || append_own_line(ret, host_name);
            done = true;
        } else {
            ok = buffer_append(ret, old, length) && buffer_append(ret, "\n", 1);
        }
        length += old[length] == '\n';
    }
    return ok && (done || append_own_line(ret, host_name));
}
