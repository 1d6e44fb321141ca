/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a step is, for people: a line for its part and one for the whole.
 *   partition 2 of 3, ext4: 40%, 650 MB of 1.6 GB
 *   deploy [=========>          ]  50%  950 MB of 1.9 GB   85 MB/s  0:11 left */
#ifndef SLIPWAY_AGENT_PROGRESS_BAR_H
#define SLIPWAY_AGENT_PROGRESS_BAR_H

#include <stddef.h>

#include "agent/base/progress.h"

/* Writes at most `columns` characters and a NUL, and never more than `size` bytes, into `ret`. ASCII only: a serial
 * console or a firmware's font shows nothing else for sure. Figures win over the bar where there is no room for both.
 */
void progress_bar_format(char *ret, size_t size, unsigned columns, const struct progress_report *r);

/* The line of the part, bounded in the same way; empty when the report names none. */
void progress_part_format(char *ret, size_t size, unsigned columns, const struct progress_report *r);

/* Both without a bar, for logs. At most `size` bytes with the NUL. */
void progress_text_format(char *ret, size_t size, const struct progress_report *r);

/* "812 MB", "1.9 GB", "0 B": decimal units as printed on disks, three digits at most. `ret` holds 16 bytes. */
void progress_bytes_format(char ret[16], uint64_t bytes);

/* "0:07", "12:40", "1:02:03"; "" for UINT32_MAX. `ret` holds 16 bytes. */
void progress_time_format(char ret[16], uint32_t seconds);

#endif
