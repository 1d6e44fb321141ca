/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_FS_DEVICES_H
#define SLIPWAY_AGENT_FS_DEVICES_H

/* Looks whether the kernel, told to mount `node` alone, would write to other devices as well: those of a btrfs on
 * several that it has seen before, and the journal of an ext3 or ext4 that is kept elsewhere, which it finds by the
 * number in the superblock. A copy of one device would then change what belongs to the original. Returns 0 when it
 * would not, or -1 with errno: EXDEV when it would, EIO when the superblock cannot be read. */
int fs_devices_check(const char *node, const char *fs_type);

#endif
