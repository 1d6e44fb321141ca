/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/manifest_map.h"

#include <stdio.h>

void manifest_set_map(struct manifest_partition *p, const struct block_map *map)
{
    p->has_fs = map->has_fs;
    snprintf(p->fs_type, sizeof(p->fs_type), "%s", map->fs_type);
    snprintf(p->fs_uuid, sizeof(p->fs_uuid), "%s", map->fs_uuid);
    snprintf(p->fs_label, sizeof(p->fs_label), "%s", map->fs_label);
    snprintf(p->note, sizeof(p->note), "%s", map->note);
    p->fs_used = map->used;
    p->fs_smallest = map->smallest;
    p->raw = map->raw;
}
