/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's log: standard error, one line per noteworthy thing, with the time in UTC to the millisecond. */
#ifndef SLIPWAY_SERVER_LOG_H
#define SLIPWAY_SERVER_LOG_H

#include <stddef.h>
#include <stdint.h>

/* Control characters in the text (names from the network) become '?'. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Milliseconds since 1970, UTC. */
int64_t clock_ms(void);

/* Writes `ms` as 2026-11-22T10:00:00.123Z. */
#define CLOCK_TEXT 40
void clock_format(int64_t ms, char ret[CLOCK_TEXT]);

#endif
