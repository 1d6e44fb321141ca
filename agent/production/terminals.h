/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_TERMINALS_H
#define SLIPWAY_AGENT_TERMINALS_H

#include <stdbool.h>
#include <stdint.h>

/* Writes `text` to the terminal of everybody who is logged in by `utmp` (utmp(5), /run/utmp), one after another and
 * never waiting for one; where there is no such file, as in systems that count their seconds past 2038, to every
 * pseudo-terminal. `devices` is "/dev". Returns how many took it. */
unsigned terminals_tell(const char *utmp, const char *devices, const char *text);

/* The terminal that a record of utmp names, when it is a user's: "pts/0". Returns false for other records, and for
 * names that lead elsewhere. The record has TERMINALS_RECORD bytes. */
#define TERMINALS_RECORD 384
#define TERMINALS_LINE 33
bool terminals_line(const uint8_t *record, char ret[TERMINALS_LINE]);

#endif
