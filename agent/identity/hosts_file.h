/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_HOSTS_FILE_H
#define SLIPWAY_AGENT_HOSTS_FILE_H

#include <stdbool.h>

#include "agent/base/buffer.h"

/* Writes hosts(5) text `old` (NUL-terminated) to *ret with the line of 127.0.1.1, Debian's line for the machine's own
 * name, naming `host_name` (and its first label when it has dots). The line is added when there is none, further ones
 * are dropped, all others stay as they are. Returns false when out of memory. */
bool hosts_file_rename(const char *old, const char *host_name, struct buffer *ret);

#endif
