/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/server_url.h"

#include <stdio.h>
#include <string.h>

#define PORT "8077"

bool server_url_format(char *ret, size_t size, const char *address)
{
    int n;

    if (!address[0] || strpbrk(address, " \t\r\n\"'\\?#@"))
        return false;
    if (strncmp(address, "http://", 7) == 0 || strncmp(address, "https://", 8) == 0)
        n = snprintf(ret, size, "%s", address);
    else
        n = snprintf(ret, size, "http://%s%s", address, strchr(address, ':') ? "" : ":" PORT);
    if (n < 0 || (size_t)n >= size)
        return false;
    while (n > 0 && ret[n - 1] == '/')
        ret[--n] = '\0';
    return true;
}
