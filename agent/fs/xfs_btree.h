/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two trees of free space that each allocation group of XFS has: one by block, one by size. */
#ifndef SLIPWAY_AGENT_XFS_BTREE_H
#define SLIPWAY_AGENT_XFS_BTREE_H

#include "agent/fs/xfs_layout.h"

/* Called for each record in the tree's order; the blocks lie inside the group. Returns 0, or -1 with a doubt. */
typedef int xfs_free_extent(void *arg, uint32_t block, uint32_t count);

/* Walks one tree of group g. Every block is visited once: its level, neighbours, order and (version 5) checksum are
 * checked on the way, so a tree that leads back into itself ends in a doubt. Returns 0, or -1 with a doubt. */
int xfs_btree_walk(struct fs_source *s, const struct xfs_layout *l, const struct xfs_ag *g, enum xfs_tree tree,
                   xfs_free_extent *each, void *arg);

#endif
