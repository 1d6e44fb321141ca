/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often this machine was restarted for one job: a network boot that never comes must not be tried for ever. Lies in
 * a file that outlives restarts. */
#ifndef SLIPWAY_AGENT_RESTART_COUNT_H
#define SLIPWAY_AGENT_RESTART_COUNT_H

#include <stdint.h>

#include "agent/base/failure.h"

#define RESTART_COUNT_LIMIT 3

/* What `path` remembers of `job`: 0 when it speaks of another one, makes no sense, or is not there. */
unsigned restart_count_read(const char *path, uint64_t job);

/* Remembers it, flushed to the disk; the file's folder is made when it is missing. Returns 0, or -1 with *f
 * ("production"). */
int restart_count_write(const char *path, uint64_t job, unsigned count, struct failure *f);

#endif
