/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_MANIFEST_MAP_H
#define SLIPWAY_AGENT_MANIFEST_MAP_H

#include "agent/fs/block_map.h"
#include "agent/image/manifest.h"

/* Writes down in `p` what a used-block map knows of the partition: file system, used bytes, why it is taken raw. */
void manifest_set_map(struct manifest_partition *p, const struct block_map *map);

#endif
