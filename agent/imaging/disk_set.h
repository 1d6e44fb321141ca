/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks of one capture or deploy, opened together. */
#ifndef SLIPWAY_AGENT_DISK_SET_H
#define SLIPWAY_AGENT_DISK_SET_H

#include "agent/disk/disk_io.h"
#include "agent/image/manifest.h"

struct disk_set {
    unsigned count;
    struct disk_io list[MANIFEST_DISKS];
};

/* Opens `count` disks as disk_io_open does. Returns 0, or -1 with *f and nothing left open: "ambiguous-disk" when two
 * paths are the same disk, "disk-count" when there are none or more than MANIFEST_DISKS, "disk-error". */
int disk_set_open(struct disk_set *s, const char *const *paths, unsigned count, enum disk_io_mode mode,
                  struct failure *f);

/* Harmless after a failed open, and twice. */
void disk_set_close(struct disk_set *s);

/* Flushes all. Returns 0, or -1 with *f. */
int disk_set_flush(const struct disk_set *s, struct failure *f);

#endif
