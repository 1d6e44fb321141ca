/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Systems as manifests and events have them (docs/image-format.md, "systems"). */
#ifndef SLIPWAY_AGENT_SYSTEM_JSON_H
#define SLIPWAY_AGENT_SYSTEM_JSON_H

#include <jansson.h>

#include "agent/image/manifest_reader.h"
#include "agent/system/system.h"

/* An array of objects, with the number of the disk in each when `disks`. NULL when out of memory. */
json_t *system_list_format(const struct system *list, unsigned count, bool disks);

/* Reads the member `systems` of a manifest, whose partitions are in *m, into m->systems; one that is missing is empty.
 * Returns 0, or -1 with *r->f ("bad-image"). */
int system_list_read(struct manifest_reader *r, const json_t *root, struct manifest *m);

#endif
