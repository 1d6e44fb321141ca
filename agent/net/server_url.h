/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_SERVER_URL_H
#define SLIPWAY_AGENT_SERVER_URL_H

#include <stdbool.h>
#include <stddef.h>

/* The server's base URL from what a person or a command line calls it: "10.0.0.2", "server:8000" and "http://..."
 * (kept, but for slashes at its end). The port is 8077 when an address comes without one. Returns false when it is
 * empty, does not fit or holds what no address does. */
bool server_url_format(char *ret, size_t size, const char *address);

#endif
