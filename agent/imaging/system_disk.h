/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_SYSTEM_DISK_H
#define SLIPWAY_AGENT_SYSTEM_DISK_H

#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

/* Fills m->systems with the systems on an open disk whose partitions and file systems are in *m. Looks through
 * read-only loop devices and leaves none behind, so nothing is written, whatever the kernel does. Returns 0, or -1 with
 * *f
 * ("identity"), which is no reason to end anything else: a file system cannot be looked at, or there are no loop
 * devices; m->systems has what was found elsewhere. */
int system_disk_find(const struct disk_io *d, struct manifest *m, struct failure *f);

#endif
