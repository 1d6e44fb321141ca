/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_DESCRIPTORS_H
#define SLIPWAY_AGENT_DESCRIPTORS_H

#include <stddef.h>

/* Gives the calling thread a table of descriptors of its own (Linux 5.9), with 0, 1, 2 and the `count` ones in `keep`;
 * all others are closed there, and go on where they were. It ends with the thread. Returns 0, or -1 with errno. */
int descriptors_unshare(const int *keep, size_t count);

#endif
