/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_INSPECT_H
#define SLIPWAY_AGENT_INSPECT_H

#include "agent/base/failure.h"
#include "agent/image/manifest.h"

/* Describes the disk `path`, a block device or a file, as a capture of it would: table, partitions, file systems, used
 * and smallest bytes, why a partition would be taken raw. Names, hashes and times stay empty. Reads only. `ret` is all
 * zeros before. Returns 0, or -1 with *f (disk-error, bad-table, out-of-memory). */
int inspect_disk(const char *path, struct manifest *ret, struct failure *f);

/* Adds the systems on it, which needs root and loop devices. Returns 0, or -1 with *f (disk-error, identity): not all
 * of them could be looked for. */
int inspect_systems(const char *path, struct manifest *m, struct failure *f);

#endif
