/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether partitions are where a table of their kind can have them. */
#ifndef SLIPWAY_AGENT_MANIFEST_LAYOUT_H
#define SLIPWAY_AGENT_MANIFEST_LAYOUT_H

#include "agent/image/manifest.h"

#define LAYOUT_PROBLEM 128

/* Checks table, partitions and extended partition of `m` on a disk of `disk_size` bytes: whole sectors, in order, none
 * over another or over the table, inside the disk, numbers unique and as the kind of table gives them, a chain of
 * logical partitions that is one. Returns true, or false with what is wrong, for people, in `ret`. */
bool manifest_layout_good(const struct manifest *m, uint64_t disk_size, char ret[LAYOUT_PROBLEM]);

/* Bytes from the start of the disk that no partition may use. */
uint64_t manifest_head_size(const struct manifest *m);

#endif
