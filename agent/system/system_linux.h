/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the root folder of a Linux system tells; `root` is its descriptor. */
#ifndef SLIPWAY_AGENT_SYSTEM_LINUX_H
#define SLIPWAY_AGENT_SYSTEM_LINUX_H

#include "agent/system/fstab.h"
#include "agent/system/system.h"

/* Whether there is an operating system: etc/ and an os-release(5), or the link to one on a /usr that is not mounted. */
bool system_linux_is_root(int root);

/* Whether the os-release(5) can be read. */
bool system_linux_names_itself(int root);

/* Fills kind, name, id, version, edition and arch. */
void system_linux_describe(int root, struct system *ret);

/* Its fstab(5). Returns how many entries there are, 0 without a file. */
unsigned system_linux_fstab(int root, struct fstab_entry ret[FSTAB_ENTRIES]);

/* Which of the partitions `what` of an fstab means for a system on disk `disk`: UUID=, LABEL=, PARTUUID=, the links of
 * /dev/disk/, or a node like /dev/sda2 (the number on the system's own disk). Returns its place in `p`, or -1. */
int system_linux_partition(const char *what, const struct system_partitions *p, unsigned disk);

#endif
