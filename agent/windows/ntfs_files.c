/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/windows/ntfs_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/windows/ntfs_files_internal.h"

#define NAME_MAX_BYTES 255
#define LOG_HEAD 4096 /* of $LogFile: enough to tell whether it was emptied */

int ntfs_files_cannot(struct failure *f, const char *what, const char *path)
{
    return fail(f, "identity", "cannot %s %s of the NTFS volume: %s", what, path,
                errno == ELOOP ? "a link or junction, or packed by Windows, is on the way" : strerror(errno));
}

static int refuse(struct failure *f, const char *node)
{
    if (errno == EPERM)
        return fail(
            f, "identity",
            "%s holds a Windows that is hibernated or was left by fast startup: nothing is written there. Start it "
            "and shut it down fully (shutdown /s /t 0), then take its image again",
            node);
    if (errno == EOPNOTSUPP)
        return fail(
            f, "identity",
            "%s was not cleanly unmounted, its log has changes that were not replayed: nothing is written there. "
            "Start Windows and shut it down, then take its image again",
            node);
    return fail(f, "identity", "cannot open the NTFS volume on %s: %s", node, strerror(errno));
}

/* ntfsresize empties the log, Windows never does. */
static bool log_is_empty(ntfs_volume *volume)
{
    uint8_t head[LOG_HEAD];
    ntfs_inode *log = ntfs_inode_open(volume, FILE_LogFile);
    ntfs_attr *data = log ? ntfs_attr_open(log, AT_DATA, AT_UNNAMED, 0) : NULL;
    bool empty = data && ntfs_attr_pread(data, 0, sizeof(head), head) == sizeof(head);

    for (size_t i = 0; empty && i < sizeof(head); i++)
        empty = head[i] == 0xff;
    if (data)
        ntfs_attr_close(data);
    if (log)
        ntfs_inode_close(log);
    return empty;
}

static int prepare(struct ntfs_files *v, const char *node, struct failure *f)
{
    v->flags = v->volume->flags;
    if (ntfs_set_ignore_case(v->volume))
        return fail(f, "identity", "cannot open the NTFS volume on %s: its table of letters is damaged", node);
    if (!v->writable)
        return 0;
    if (v->flags & VOLUME_CHKDSK_UNDERWAY || (v->flags & VOLUME_IS_DIRTY && !log_is_empty(v->volume)))
        return fail(f, "identity",
                    "%s is marked as dirty, Windows wants to check it: nothing is written there. Start Windows, let it "
                    "check the volume (chkdsk /f), shut it down and take its image again",
                    node);
    if (ntfs_volume_write_flags(v->volume, v->flags | VOLUME_IS_DIRTY))
        return ntfs_files_cannot(f, "mark", node);
    return 0;
}

struct ntfs_files *ntfs_files_open(const char *node, bool writable, struct failure *f)
{
    struct ntfs_files *v = calloc(1, sizeof(*v));

    if (!v) {
        fail(f, "out-of-memory", "no memory for an NTFS volume");
        return NULL;
    }
    ntfs_log_set_handler(ntfs_log_handler_null);
    v->writable = writable;
    v->volume = ntfs_mount(node, writable ? 0 : NTFS_MNT_RDONLY | NTFS_MNT_FORENSIC);
    if (!v->volume) {
        refuse(f, node);
        free(v);
        return NULL;
    }
    if (prepare(v, node, f)) {
        ntfs_umount(v->volume, FALSE);
        free(v);
        return NULL;
    }
    return v;
}

int ntfs_files_close(struct ntfs_files *v, bool whole, struct failure *f)
{
    int result = 0;

    if (v->writable && whole) {
        if (ntfs_device_sync(v->volume->dev) || ntfs_volume_write_flags(v->volume, v->flags))
            result = ntfs_files_cannot(f, "flush", "the files");
    }
    if (ntfs_umount(v->volume, FALSE) && !result)
        result = ntfs_files_cannot(f, "flush", "the files");
    free(v);
    return result;
}

size_t ntfs_files_folder(const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');

    *ret_name = slash ? slash + 1 : path;
    return slash ? (size_t)(slash - path) : 0;
}

int ntfs_files_child(ntfs_inode *folder, const char *name, ntfs_inode **ret)
{
    u64 number = ntfs_inode_lookup_by_mbsname(folder, name);

    if (number == (u64)-1)
        return errno == ENOENT ? 0 : -1;
    *ret = ntfs_inode_open(folder->vol, MREF(number));
    return *ret ? 1 : -1;
}

static int step(ntfs_inode **at, const char *name, size_t length)
{
    char text[NAME_MAX_BYTES + 1] = "";
    ntfs_inode *child = NULL;
    int found;

    if (length > NAME_MAX_BYTES) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(text, name, length);
    if (!((*at)->mrec->flags & MFT_RECORD_IS_DIRECTORY))
        return 0;
    found = ntfs_files_child(*at, text, &child);
    ntfs_inode_close(*at);
    *at = child;
    if (found > 0 && child->flags & FILE_ATTR_REPARSE_POINT) {
        errno = ELOOP;
        return -1;
    }
    return found;
}

int ntfs_files_inode(struct ntfs_files *v, const char *path, size_t length, ntfs_inode **ret, struct failure *f)
{
    ntfs_inode *at = ntfs_inode_open(v->volume, FILE_root);
    int found = at ? 1 : -1;

    for (size_t from = 0, n; found > 0 && from < length; from += n + 1) {
        const char *slash = memchr(path + from, '/', length - from);
        n = slash ? (size_t)(slash - path) - from : length - from;
        found = step(&at, path + from, n);
    }
    if (found < 0)
        ntfs_files_cannot(f, "open", path);
    if (found > 0)
        *ret = at;
    else if (at)
        ntfs_inode_close(at);
    return found;
}

int ntfs_files_look(struct ntfs_files *v, const char *path, enum ntfs_found *ret, struct failure *f)
{
    ntfs_inode *inode;
    int found = ntfs_files_inode(v, path, strlen(path), &inode, f);

    if (found < 0)
        return -1;
    *ret = NTFS_FOUND_NOTHING;
    if (found) {
        *ret = inode->mrec->flags & MFT_RECORD_IS_DIRECTORY ? NTFS_FOUND_FOLDER : NTFS_FOUND_FILE;
        ntfs_inode_close(inode);
    }
    return 0;
}
