/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts file systems of disks that are not trusted: no set-user-ID programs, no devices. */
#ifndef SLIPWAY_AGENT_FS_MOUNT_H
#define SLIPWAY_AGENT_FS_MOUNT_H

#include <stdbool.h>

enum fs_mount_how {
    FS_MOUNT_LOOK,  /* read-only, no programs, no journal or log replayed: not one byte is written */
    FS_MOUNT_WRITE, /* that file system, and no other device */
};

/* Whether fs_mount knows the file system, as libblkid names it: ext2, ext3, ext4, xfs, btrfs and vfat. */
bool fs_mount_supports(const char *fs_type);

/* Mounts `node` at `folder`. `subvolume` (btrfs): "subvol=..." or "subvolid=..." without a comma; "": the default one.
 * Returns 0, or -1 with errno; EXDEV: to be written to, it would need another device, too. */
int fs_mount(const char *node, const char *fs_type, const char *subvolume, enum fs_mount_how how, const char *folder);

/* What errno means after fs_mount, for people. */
const char *fs_mount_error(int error);

/* Unmounts what is mounted at `folder` itself, and waits for a moment while something still uses it. Returns 0, or -1
 * with errno. */
int fs_unmount(const char *folder);

/* From now on the process has mounts of its own, which go when it does, however it ends; what others mount and unmount
 * still reaches it. Before any thread. Who may not do that may not mount either. */
void fs_mount_apart(void);

/* Makes an empty folder /run/slipway-XXXXXX. Returns 0, or -1 with errno. */
int fs_mount_folder(char ret[64]);

#endif
