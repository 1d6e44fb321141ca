/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metadata of an LVM2 physical volume: label, metadata area and its text (lvm2: lib/format_text/layout.h). */
#ifndef SLIPWAY_AGENT_LVM_VOLUME_H
#define SLIPWAY_AGENT_LVM_VOLUME_H

#include "agent/fs/block_map.h"
#include "agent/fs/lvm_text.h"

struct lvm_volume {
    char *bytes; /* the text */
    struct lvm_text text;
    const struct lvm_node *group; /* the volume group's section */
    const struct lvm_node *self;  /* this physical volume's section in it; its name is what segments call it */
    uint64_t extent_size;         /* bytes */
    uint64_t first;               /* of the first extent in the partition, bytes */
    uint64_t count;               /* extents of this physical volume, within the partition */
    bool alone;                   /* no other physical volume belongs to the group */
};

/* Reads and checks all of it. Returns 0, or -1 (doubt). *v is to be released with lvm_volume_close in both cases. */
int lvm_volume_open(struct fs_source *s, struct lvm_volume *v);
void lvm_volume_close(struct lvm_volume *v);

#endif
