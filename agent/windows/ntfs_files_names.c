/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/windows/ntfs_files_internal.h"

/* Owner and group: the administrators. SYSTEM and the administrators may do everything, others nothing, whatever the
 * folder says. Self-relative, MS-DTYP section 2.4.6. */
static const char secret_rights[] =
    "\x01\x00\x04\x90\x14\0\0\0\x24\0\0\0\0\0\0\0\x34\0\0\0"                /* DACL, not inherited; offsets */
    "\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0"                          /* owner: S-1-5-32-544 */
    "\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0"                          /* group: the same */
    "\x02\0\x34\0\x02\0\0\0"                                                /* a list of two */
    "\0\0\x14\0\xff\x01\x1f\0\x01\x01\0\0\0\0\0\x05\x12\0\0\0"              /* all for S-1-5-18 */
    "\0\0\x18\0\xff\x01\x1f\0\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0"; /* all for S-1-5-32-544 */

static int make_secret(struct ntfs_files *v, const char *path, struct failure *f)
{
    struct SECURITY_CONTEXT context = {.vol = v->volume};
    ntfs_inode *inode;
    int result;

    result = ntfs_files_inode(v, path, strlen(path), &inode, f);
    if (result <= 0)
        return result ? -1 : fail(f, "identity", "%s of the NTFS volume is gone again", path);
    result = ntfs_set_ntfs_acl(&context, inode, secret_rights, sizeof(secret_rights) - 1, 0);
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

/* What the last name of a path stands for, a link itself too, and its folder; both are open after 1. */
static int open_entry(struct ntfs_files *v, const char *path, ntfs_inode **ret_folder, ntfs_inode **ret,
                      struct failure *f)
{
    const char *last;
    size_t parent = ntfs_files_folder(path, &last);
    int found = ntfs_files_inode(v, path, parent, ret_folder, f);

    if (found <= 0)
        return found;
    found = (*ret_folder)->mrec->flags & MFT_RECORD_IS_DIRECTORY ? ntfs_files_child(*ret_folder, last, ret) : 0;
    if (found < 0)
        ntfs_files_cannot(f, "open", path);
    if (found <= 0)
        ntfs_inode_close(*ret_folder);
    return found;
}

static int delete_entry(struct ntfs_files *v, const char *path, ntfs_inode *folder, ntfs_inode *inode,
                        struct failure *f)
{
    ntfschar *name = NULL;
    const char *last;
    int units, result;

    ntfs_files_folder(path, &last);
    units = ntfs_mbstoucs(last, &name);
    result = units > 0 && ntfs_delete(v->volume, NULL, inode, folder, name, (u8)units) == 0; /* closes both */
    free(name);
    return result ? 1 : ntfs_files_cannot(f, "remove", path);
}

/* A file that Windows has packed is a link to itself in its own way, and is not to be written as it is. */
static int delete_link(struct ntfs_files *v, const char *path, struct failure *f)
{
    ntfs_inode *folder, *inode;
    int found = open_entry(v, path, &folder, &inode, f);

    if (found <= 0)
        return found;
    if (inode->flags & FILE_ATTR_REPARSE_POINT && !(inode->mrec->flags & MFT_RECORD_IS_DIRECTORY))
        return delete_entry(v, path, folder, inode, f) < 0 ? -1 : 0;
    ntfs_inode_close(inode);
    ntfs_inode_close(folder);
    return 0;
}

int ntfs_files_write(struct ntfs_files *v, const char *path, const void *data, size_t size, bool secret,
                     struct failure *f)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < length; i++)
        if (path[i] == '/' && make_if_missing(v, path, i, S_IFDIR, f))
            return -1;
    if (delete_link(v, path, f) || make_if_missing(v, path, length, S_IFREG, f) || (secret && make_secret(v, path, f)))
        return -1;
    return ntfs_files_replace(v, path, data, size, f);
}

int ntfs_files_remove(struct ntfs_files *v, const char *path, struct failure *f)
{
    ntfs_inode *folder, *inode;
    int found = open_entry(v, path, &folder, &inode, f);

    if (found <= 0)
        return found;
    if (!(inode->mrec->flags & MFT_RECORD_IS_DIRECTORY))
        return delete_entry(v, path, folder, inode, f);
    ntfs_inode_close(inode);
    ntfs_inode_close(folder);
    errno = EISDIR;
    return ntfs_files_cannot(f, "remove", path);
}
