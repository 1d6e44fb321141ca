/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ntfs_files_internal.h"

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

static int replace(struct ntfs_files *v, const char *path, const void *data, size_t size, struct failure *f)
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

/* Owner and group: the administrators. SYSTEM and the administrators may do everything, others nothing, whatever the
 * folder says. Self-relative, MS-DTYP section 2.4.6. */
static const uint8_t secret_rights[] = {
    1, 0, 0x04, 0x90, 20,   0, 0,    0, 36, 0, 0, 0, 0,    0, 0, 0, 52, 0, 0, 0, /* revision, DACL present and
                                                                                    protected; offsets */
    1, 2, 0,    0,    0,    0, 0,    5, 32, 0, 0, 0, 0x20, 2, 0, 0,              /* S-1-5-32-544 */
    1, 2, 0,    0,    0,    0, 0,    5, 32, 0, 0, 0, 0x20, 2, 0, 0,              /* the same */
    2, 0, 52,   0,    2,    0, 0,    0,                                          /* list of two */
    0, 0, 20,   0,    0xff, 1, 0x1f, 0, 1,  1, 0, 0, 0,    0, 0, 5, 18, 0, 0, 0, /* all for S-1-5-18 */
    0, 0, 24,   0,    0xff, 1, 0x1f, 0, 1,  2, 0, 0, 0,    0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
};

static int make_secret(struct ntfs_files *v, const char *path, struct failure *f)
{
    struct SECURITY_CONTEXT context = {.vol = v->volume};
    ntfs_inode *inode;
    int result;

    result = ntfs_files_inode(v, path, strlen(path), &inode, f);
    if (result <= 0)
        return result ? -1 : fail(f, "identity", "%s of the NTFS volume is gone again", path);
    result = ntfs_set_ntfs_acl(&context, inode, (const char *)secret_rights, sizeof(secret_rights), 0);
    if (ntfs_inode_close(inode) || result)
        return ntfs_files_cannot(f, "protect", path);
    return 0;
}

/* Makes one file or folder in a folder that is there. */
static int create(struct ntfs_files *v, const char *path, size_t length, mode_t type, struct failure *f)
{
    struct PERMISSIONS_CACHE *cache = NULL;
    struct SECURITY_CONTEXT context = {.vol = v->volume, .pseccache = &cache};
    ntfs_inode *folder = NULL, *inode;
    ntfschar *name = NULL;
    char part[256] = "";
    const char *last;
    size_t parent;
    int units, result;

    if (length >= sizeof(part))
        return fail(f, "identity", "the path %.100s... is too long", path);
    memcpy(part, path, length);
    parent = ntfs_files_folder(part, &last);
    result = ntfs_files_inode(v, part, parent, &folder, f);
    if (result <= 0)
        return result ? -1 : fail(f, "identity", "the folder of %s of the NTFS volume is gone", path);
    units = ntfs_mbstoucs(last, &name);
    inode = units > 0 ? ntfs_create(folder, ntfs_inherited_id(&context, folder, S_ISDIR(type)), name, (u8)units, type)
                      : NULL;
    if (inode)
        ntfs_inode_update_mbsname(folder, last, inode->mft_no); /* the library remembers that there was none */
    result = inode ? ntfs_inode_close_in_dir(inode, folder) : -1;
    if (ntfs_inode_close(folder))
        result = -1;
    free(name);
    free(cache);
    return result ? ntfs_files_cannot(f, "make", part) : 0;
}

static int make_if_missing(struct ntfs_files *v, const char *path, size_t length, mode_t type, struct failure *f)
{
    ntfs_inode *inode;
    int found = ntfs_files_inode(v, path, length, &inode, f);

    if (found < 0)
        return -1;
    if (found)
        return ntfs_inode_close(inode) ? ntfs_files_cannot(f, "close", path) : 0;
    return create(v, path, length, type, f);
}

int ntfs_files_write(struct ntfs_files *v, const char *path, const void *data, size_t size, bool secret,
                     struct failure *f)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < length; i++)
        if (path[i] == '/' && make_if_missing(v, path, i, S_IFDIR, f))
            return -1;
    if (make_if_missing(v, path, length, S_IFREG, f) || (secret && make_secret(v, path, f)))
        return -1;
    return replace(v, path, data, size, f);
}

int ntfs_files_remove(struct ntfs_files *v, const char *path, struct failure *f)
{
    ntfs_inode *folder, *inode;
    ntfschar *name = NULL;
    const char *last;
    size_t parent = ntfs_files_folder(path, &last);
    int found = ntfs_files_inode(v, path, strlen(path), &inode, f), units;

    if (found <= 0)
        return found;
    if (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) {
        ntfs_inode_close(inode);
        errno = EISDIR;
        return ntfs_files_cannot(f, "remove", path);
    }
    if (ntfs_files_inode(v, path, parent, &folder, f) <= 0) {
        ntfs_inode_close(inode);
        return -1;
    }
    units = ntfs_mbstoucs(last, &name);
    found = units > 0 && ntfs_delete(v->volume, NULL, inode, folder, name, (u8)units) == 0; /* closes both */
    free(name);
    return found ? 1 : ntfs_files_cannot(f, "remove", path);
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
