/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logical volumes of an LVM2 physical volume: where each lies on it. */
#ifndef SLIPWAY_AGENT_LVM_LOGICAL_H
#define SLIPWAY_AGENT_LVM_LOGICAL_H

#include "agent/fs/block_map.h"
#include "agent/fs/lvm_volume.h"

struct lvm_reader {
    struct fs_source *source;
    struct lvm_volume lvm;
    const struct lvm_node *list; /* of the logical volumes */
    uint8_t *owned;              /* one bit for each extent that a volume has */
};

/* One logical volume. */
struct lvm_logical {
    const struct lvm_node *node;
    struct fs_extent *extents; /* its pieces on this physical volume */
    size_t count;
    uint64_t size;
    bool plain; /* all of it is here, in order, and nothing else builds on it */
};

/* Reads the description of the physical volume `s`, which must outlive it. Returns 0, or -1 (doubt). Release with
 * lvm_reader_close in both cases. */
int lvm_reader_open(struct lvm_reader *r, struct fs_source *s);
void lvm_reader_close(struct lvm_reader *r);

/* The first logical volume (`node` NULL), or the next one; NULL: no more. */
const struct lvm_node *lvm_reader_next(const struct lvm_reader *r, const struct lvm_node *node);

/* Reads one of them. Two that have the same extent are a doubt. Returns 0, or -1 (doubt). Release with lvm_logical_free
 * in both cases. */
int lvm_logical_read(struct lvm_reader *r, const struct lvm_node *node, struct lvm_logical *ret);
void lvm_logical_free(struct lvm_logical *v);

#endif
