/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/windows/ntfs_files_internal.h"

/* A file's content, open. */
struct content {
    ntfs_inode *inode;
    ntfs_attr *data;
};

static int close_content(struct content *c)
{
    int result = 0;

    if (c->data)
        ntfs_attr_close(c->data);
    if (c->inode)
        result = ntfs_inode_close(c->inode);
    return result;
}

/* Encrypted by Windows (EFS), or packed by it in a way that is a reparse point: not for us. */
static int open_content(struct ntfs_files *v, const char *path, struct content *ret, struct failure *f)
{
    int found;

    *ret = (struct content){NULL, NULL};
    found = ntfs_files_inode(v, path, strlen(path), &ret->inode, f);
    if (found <= 0)
        return found;
    if (ret->inode->mrec->flags & MFT_RECORD_IS_DIRECTORY)
        errno = EISDIR;
    else
        ret->data = ntfs_attr_open(ret->inode, AT_DATA, AT_UNNAMED, 0);
    if (ret->data && NAttrEncrypted(ret->data)) {
        ntfs_attr_close(ret->data);
        ret->data = NULL;
        errno = EACCES;
    }
    if (ret->data)
        return 1;
    ntfs_files_cannot(f, "open", path);
    ntfs_inode_close(ret->inode);
    return -1;
}

static int append(struct content *c, struct buffer *ret, size_t limit)
{
    s64 size = c->data->data_size;
    char *bytes;
    bool ok;

    if (size < 0 || (u64)size > limit) {
        errno = EFBIG;
        return -1;
    }
    bytes = calloc((size_t)size + 1, 1);
    ok = bytes && ntfs_attr_pread(c->data, 0, size, bytes) == size && buffer_append(ret, bytes, (size_t)size + 1);
    free(bytes);
    if (ok)
        ret->size--; /* the NUL does not count */
    return ok ? 0 : -1;
}

int ntfs_files_read(struct ntfs_files *v, const char *path, struct buffer *ret, size_t limit, struct failure *f)
{
    struct content c;
    int found = open_content(v, path, &c, f);

    if (found <= 0)
        return found;
    if (append(&c, ret, limit))
        found = ntfs_files_cannot(f, "read", path);
    close_content(&c);
    return found;
}

int ntfs_files_replace(struct ntfs_files *v, const char *path, const void *data, size_t size, struct failure *f)
{
    struct content c;
    int found;
    bool ok;

    found = open_content(v, path, &c, f);
    if (found <= 0)
        return found ? -1 : fail(f, "identity", "%s of the NTFS volume is gone again", path);
    ok = ntfs_attr_truncate(c.data, 0) == 0 &&
         (size == 0 || ntfs_attr_pwrite(c.data, 0, (s64)size, data) == (s64)size) && ntfs_attr_pclose(c.data) == 0;
    if (!ok)
        ntfs_files_cannot(f, "write", path);
    if (close_content(&c) && ok) {
        ntfs_files_cannot(f, "write", path);
        ok = false;
    }
    return ok ? 0 : -1;
}

static bool hive_read(void *arg, uint64_t at, void *data, size_t size)
{
    struct content *c = arg;

    return ntfs_attr_pread(c->data, (s64)at, (s64)size, data) == (s64)size;
}

static bool hive_write(void *arg, uint64_t at, const void *data, size_t size)
{
    struct content *c = arg;

    return ntfs_attr_pwrite(c->data, (s64)at, (s64)size, data) == (s64)size;
}

static bool hive_flush(void *arg)
{
    struct content *c = arg;

    return ntfs_inode_sync(c->inode) == 0 && ntfs_device_sync(c->inode->vol->dev) == 0;
}

int ntfs_files_hive(struct ntfs_files *v, const char *path, struct hive_file *ret, struct failure *f)
{
    struct content *c = malloc(sizeof(*c));
    int found = c ? open_content(v, path, c, f) : fail(f, "out-of-memory", "no memory for a registry hive");

    if (found <= 0) {
        free(c);
        return found;
    }
    *ret = (struct hive_file){
        .size = (uint64_t)c->data->data_size, .read = hive_read, .write = hive_write, .flush = hive_flush, .arg = c};
    return 1;
}

int ntfs_files_end_hive(struct hive_file *file, struct failure *f)
{
    struct content *c = file->arg;
    int result = close_content(c);

    free(c);
    return result ? ntfs_files_cannot(f, "write", "a registry hive") : 0;
}
