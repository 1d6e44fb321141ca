/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of an NTFS volume that nobody has mounted, by libntfs-3g. Paths are ASCII with '/' between the names, from the
 * volume's root; names are found whatever their case, as Windows does. Links, junctions and other reparse points are
 * not followed: a path through one is an error. The volume is not trusted and the library is C with a history: call
 * these in a child (windows_child.h). Failures have the reason "identity". */
#ifndef SLIPWAY_AGENT_NTFS_FILES_H
#define SLIPWAY_AGENT_NTFS_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/buffer.h"
#include "agent/base/failure.h"
#include "agent/windows/hive.h"

struct ntfs_files;

/* Opens the volume at `node`, a device or a file. For looking only, everything readable is good enough. For changes
 * (`writable`), a volume is refused, with what a person can do about it: hibernated or left by fast startup, with
 * changes in its log that were not replayed, or marked as dirty by Windows. What ntfsresize leaves is not refused:
 * marked as dirty, so that Windows checks it at its next start, and its log emptied; the mark stays. While it is open
 * for changes the volume is marked as dirty. Returns NULL with *f. Ends with ntfs_files_close. */
struct ntfs_files *ntfs_files_open(const char *node, bool writable, struct failure *f);

/* Flushes everything to the disk. `whole`: what was begun was done, so the mark of ntfs_files_open may go. Returns 0,
 * or -1 with *f. */
int ntfs_files_close(struct ntfs_files *v, bool whole, struct failure *f);

enum ntfs_found { NTFS_FOUND_NOTHING, NTFS_FOUND_FILE, NTFS_FOUND_FOLDER };

/* Returns 0 with *ret, or -1 with *f. */
int ntfs_files_look(struct ntfs_files *v, const char *path, enum ntfs_found *ret, struct failure *f);

/* Appends a file's content, at most `limit` bytes, to *ret and puts a NUL behind it. Returns 1, 0: there is no such
 * file, or -1 with *f. */
int ntfs_files_read(struct ntfs_files *v, const char *path, struct buffer *ret, size_t limit, struct failure *f);

/* Makes the file, and the folders on its way, or replaces its content; a file that is a link or packed by Windows is
 * replaced itself. What is new inherits the rights of its folder;
 * `secret`: only SYSTEM and the administrators may read the file. Returns 0, or -1 with *f. */
int ntfs_files_write(struct ntfs_files *v, const char *path, const void *data, size_t size, bool secret,
                     struct failure *f);

/* Removes a file, or a link itself. Returns 1: removed, 0: there was none, or -1 with *f: a folder, or an error. */
int ntfs_files_remove(struct ntfs_files *v, const char *path, struct failure *f);

/* A file for hive_open. Returns 1, 0 or -1 as ntfs_files_read; after 1, ntfs_files_end_hive. */
int ntfs_files_hive(struct ntfs_files *v, const char *path, struct hive_file *ret, struct failure *f);

/* Returns 0, or -1 with *f: what was written may not be on the disk. */
int ntfs_files_end_hive(struct hive_file *file, struct failure *f);

#endif
