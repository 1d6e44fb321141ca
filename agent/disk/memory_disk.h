/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_MEMORY_DISK_H
#define SLIPWAY_AGENT_MEMORY_DISK_H

#include "agent/disk/disk_io.h"

/* A disk of zeros in memory, as large as is wished: only what is written takes room. `name` is for messages. Returns 0,
 * or -1 with *f (out-of-memory). Close with disk_io_close. */
int memory_disk_open(struct disk_io *ret, const char *name, uint64_t size, uint32_t sector_size, struct failure *f);

#endif
