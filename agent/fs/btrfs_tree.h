/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks a tree of btrfs. */
#ifndef SLIPWAY_AGENT_BTRFS_TREE_H
#define SLIPWAY_AGENT_BTRFS_TREE_H

#include "agent/fs/btrfs_volume.h"

/* Called for each item in ascending order of keys, with its `size` bytes of data. Returns 0, or -1 with a doubt. */
typedef int btrfs_item(void *arg, const struct btrfs_key *key, const uint8_t *data, uint32_t size);

/* Walks a whole tree. Every node's checksum, UUID, address, generation, owner, level and first key are compared with
 * what its parent says, and keys must rise from leaf to leaf: a tree that leads back into itself ends in a doubt.
 * Returns 0, or -1 with a doubt. */
int btrfs_tree_walk(const struct btrfs_volume *v, const struct btrfs_root *root, btrfs_item *each, void *arg);

#endif
