/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/identity_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/tree.h"

#define FILE_LIMIT (1u << 20)
#define TEMPORARY ".slipway-link"
#define OURS "slipway"

static int cannot(struct failure *f, const char *what, const char *folder, const char *name)
{
    return fail(f, "identity", "cannot %s /%s%s%s of the deployed system: %s", what, folder, name[0] ? "/" : "", name,
                strerror(errno));
}

void identity_print(struct identity_draft *t, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    t->failed = t->failed || n < 0 || !buffer_append(&t->b, text, (size_t)n);
    if (n >= 0)
        free(text);
}

static int make_in(int root, const char *parent, const char *name)
{
    int fd = tree_open(root, parent[0] ? parent : ".", O_RDONLY | O_DIRECTORY), result;

    if (fd < 0)
        return -1;
    result = mkdirat(fd, name, 0755);
    close(fd);
    return result;
}

int identity_folder(int root, const char *path, struct failure *f)
{
    char part[256] = "";

    for (const char *p = path; *p; p += *p == '/') {
        size_t before = (size_t)(p - path), n = strcspn(p, "/");
        char name[128];
        if (before + n >= sizeof(part) || n >= sizeof(name))
            return fail(f, "identity", "/%.200s is too long a path", path);
        snprintf(name, sizeof(name), "%.*s", (int)n, p);
        snprintf(part, sizeof(part), "%.*s", (int)(before + n), path);
        if (!tree_is_folder(root, part)) {
            snprintf(part, sizeof(part), "%.*s", (int)before, path);
            if (make_in(root, part, name))
                return cannot(f, "make the folder", path, "");
        }
        p += n;
    }
    return 0;
}

/* Whether the file is there with this very content and mode; *ret_owner is that of what is there now. */
static bool is_there(int folder, const char *name, const struct buffer *want, mode_t mode, struct stat *ret_owner)
{
    struct buffer old = {0};
    bool same;

    if (fstatat(folder, name, ret_owner, AT_SYMLINK_NOFOLLOW) || !S_ISREG(ret_owner->st_mode)) {
        ret_owner->st_uid = geteuid();
        ret_owner->st_gid = getegid();
        return false;
    }
    same = (ret_owner->st_mode & 07777) == mode && (size_t)ret_owner->st_size == want->size &&
           !tree_read(folder, name, &old, want->size) && (!want->size || !memcmp(old.data, want->data, want->size));
    free(old.data);
    return same;
}

static int write_text(int root, const char *folder, const char *name, const struct buffer *b, mode_t mode)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), result = -1;
    struct stat owner;

    if (fd < 0)
        return -1;
    if (is_there(fd, name, b, mode, &owner))
        result = 0;
    else if (!tree_write(fd, ".", name, b->data, b->size, mode))
        result = (owner.st_uid == geteuid() && owner.st_gid == getegid()) ||
                         (!fchownat(fd, name, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW) &&
                          !fchmodat(fd, name, mode, 0))
                     ? 0
                     : -1;
    close(fd);
    return result;
}

int identity_file(int root, const char *folder, const char *name, struct identity_draft *t, mode_t mode,
                  struct failure *f)
{
    int result = identity_folder(root, folder, f);

    if (!result && t->failed)
        result = fail(f, "identity", "no memory for /%s/%s of the deployed system", folder, name);
    else if (!result && write_text(root, folder, name, &t->b, mode))
        result = cannot(f, "write", folder, name);
    free(t->b.data);
    *t = (struct identity_draft){.failed = false};
    return result;
}

static int make_link(int folder, const char *name, const char *target)
{
    char old[256];
    ssize_t n = readlinkat(folder, name, old, sizeof(old));

    if (n >= 0 && (size_t)n == strlen(target) && !memcmp(old, target, (size_t)n))
        return 0;
    if (unlinkat(folder, TEMPORARY, 0) && errno != ENOENT)
        return -1;
    return symlinkat(target, folder, TEMPORARY) || renameat(folder, TEMPORARY, folder, name) ? -1 : fsync(folder);
}

int identity_link(int root, const char *folder, const char *name, const char *target, struct failure *f)
{
    int fd, result;

    if (identity_folder(root, folder, f))
        return -1;
    fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return cannot(f, "open", folder, "");
    result = make_link(fd, name, target) ? cannot(f, "make the link", folder, name) : 0;
    close(fd);
    return result;
}

int identity_read(int root, const char *path, struct identity_draft *t, struct failure *f)
{
    *t = (struct identity_draft){.failed = false};
    if (!tree_read(root, path, &t->b, FILE_LIMIT))
        return 0;
    if (errno != ENOENT) {
        free(t->b.data);
        t->b = (struct buffer){0};
        return cannot(f, "read", path, "");
    }
    identity_print(t, "%c", '\0');
    t->b.size = 0;
    return t->failed ? fail(f, "identity", "no memory for /%s of the deployed system", path) : 0;
}

static bool is_to_go(int folder, const char *name, const char *suffix, const char *word)
{
    size_t n = strlen(name), after = strlen(suffix);
    struct buffer b = {0};
    struct stat s;
    bool found;

    if (n < after || strcmp(name + n - after, suffix) || strstr(name, OURS) ||
        fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) || !S_ISREG(s.st_mode))
        return false;
    found = !word[0] || (!tree_read(folder, name, &b, FILE_LIMIT) && memmem(b.data, b.size, word, strlen(word)));
    free(b.data);
    return found;
}

static int disable_in(int folder, DIR *d, const char *suffix, const char *word)
{
    struct dirent *e;
    char name[300];

    while ((e = tree_next_entry(d))) {
        if (!is_to_go(folder, e->d_name, suffix, word))
            continue;
        snprintf(name, sizeof(name), IDENTITY_DISABLED "%s", e->d_name);
        if (renameat(folder, e->d_name, folder, name))
            return -1;
        rewinddir(d);
    }
    return errno ? -1 : fsync(folder);
}

int identity_disable(int root, const char *folder, const char *suffix, const char *word, struct failure *f)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), result;
    DIR *d;

    if (fd < 0)
        return errno == ENOENT ? 0 : cannot(f, "open", folder, "");
    d = fdopendir(fd);
    if (!d) {
        close(fd);
        return cannot(f, "read", folder, "");
    }
    result = disable_in(fd, d, suffix, word) ? cannot(f, "rename files in", folder, "") : 0;
    closedir(d);
    return result;
}
