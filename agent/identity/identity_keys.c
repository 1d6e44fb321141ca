/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/identity_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"

#define FOLDER ".ssh"
#define FILE_NAME "authorized_keys"

static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line), length;

    for (; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        if (length == n && !memcmp(text, line, n))
            return true;
    }
    return false;
}

/* Links are not followed: the folder is the user's own, who may have made one to what belongs to root. */
static int open_folder(int root, const char *home, unsigned uid, unsigned gid)
{
    int at = tree_open(root, home, O_RDONLY | O_DIRECTORY), folder = -1;

    if (at < 0)
        return -1;
    if (!mkdirat(at, FOLDER, 0700) || errno == EEXIST)
        folder = openat(at, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(at);
    if (folder >= 0 && (fchown(folder, uid, gid) || fchmod(folder, 0700))) {
        close(folder);
        return -1;
    }
    return folder;
}

/* A link in the folder leads nowhere but into the folder itself. */
static int add_keys(int folder, unsigned uid, unsigned gid, const char *const *keys, unsigned count, struct failure *f)
{
    struct identity_draft old, new = {.failed = false};

    if (identity_read(folder, FILE_NAME, &old, f))
        return -1;
    identity_print(&new, "%s", (const char *)old.b.data);
    if (old.b.size && old.b.data[old.b.size - 1] != '\n')
        identity_print(&new, "\n");
    for (unsigned i = 0; i < count; i++)
        if (!has_line((const char *)old.b.data, keys[i]))
            identity_print(&new, "%s\n", keys[i]);
    free(old.b.data);
    if (identity_file(folder, ".", FILE_NAME, &new, 0600, f))
        return -1;
    if (fchownat(folder, FILE_NAME, uid, gid, AT_SYMLINK_NOFOLLOW))
        return fail(f, "identity", "cannot give ssh keys to user %u: %s", uid, strerror(errno));
    return 0;
}

int identity_keys_add(int root, const char *home, unsigned uid, unsigned gid, const char *const *keys, unsigned count,
                      struct failure *f)
{
    int folder, result;

    if (!count)
        return 0;
    if (identity_folder(root, home, f))
        return -1;
    folder = open_folder(root, home, uid, gid);
    if (folder < 0)
        return fail(f, "identity", "cannot open /%s/" FOLDER " of the deployed system: %s", home, strerror(errno));
    result = add_keys(folder, uid, gid, keys, count, f);
    close(folder);
    return result;
}

int identity_root_keys_write(const struct identity *id, int root, struct failure *f)
{
    return identity_keys_add(root, "root", 0, 0, id->data->authorized_keys, id->data->key_count, f);
}
