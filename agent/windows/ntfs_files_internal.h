/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ntfs_files*.c share. */
#ifndef SLIPWAY_AGENT_NTFS_FILES_INTERNAL_H
#define SLIPWAY_AGENT_NTFS_FILES_INTERNAL_H

#include "agent/windows/ntfs_files.h"
#include "agent/windows/ntfs_library.h"

struct ntfs_files {
    ntfs_volume *volume;
    bool writable;
    le16 flags; /* of the volume before it was opened */
};

/* Opens what `path` names, its first `length` bytes. Returns 1 with *ret, for ntfs_inode_close; 0: it is not there; -1
 * with *f. */
int ntfs_files_inode(struct ntfs_files *v, const char *path, size_t length, ntfs_inode **ret, struct failure *f);

/* The same for one name in a folder, which stays open; a link is not followed and not refused. Returns -1 with errno.
 */
int ntfs_files_child(ntfs_inode *folder, const char *name, ntfs_inode **ret);

/* Replaces the content of a file that is there. Returns 0, or -1 with *f. */
int ntfs_files_replace(struct ntfs_files *v, const char *path, const void *data, size_t size, struct failure *f);

/* Fails with "cannot WHAT PATH of the NTFS volume: " and errno; returns -1. */
int ntfs_files_cannot(struct failure *f, const char *what, const char *path);

/* The folder's part of a path, as a length: 0 for the root. *ret_name: the last name. */
size_t ntfs_files_folder(const char *path, const char **ret_name);

#endif
