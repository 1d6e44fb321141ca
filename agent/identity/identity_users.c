/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/tree.h"
#include "agent/identity/account_file.h"
#include "agent/identity/identity_keys.h"
#include "agent/identity/identity_linux.h"

/* login.defs(5): where the numbers of people begin and end, unless a system was changed. */
#define UID_FIRST 1000
#define UID_LAST 59999
#define DAY 86400

enum file { PASSWD, SHADOW, GROUP, GSHADOW, FILES };

/* Which field has what. */
#define PASSWD_UID 2
#define PASSWD_GID 3
#define PASSWD_GECOS 4
#define PASSWD_HOME 5
#define SHADOW_HASH 1
#define SHADOW_CHANGED 2
#define GROUP_GID 2
#define GROUP_MEMBERS 3

static const struct {
    const char *name;
    mode_t mode; /* of one that is missing */
} files[FILES] = {{"passwd", 0644}, {"shadow", 0600}, {"group", 0644}, {"gshadow", 0600}};

struct accounts {
    int root;
    struct identity_draft text[FILES];
    bool there[FILES];
};

static const char *text_of(const struct accounts *a, enum file file)
{
    return a->text[file].failed || !a->text[file].b.data ? "" : (const char *)a->text[file].b.data;
}

/* Puts `new`, made of the old text, in its place, with a NUL behind it. */
static void replace(struct accounts *a, enum file file, struct identity_draft *new)
{
    identity_print(new, "%c", '\0');
    new->b.size -= !new->failed;
    new->failed = new->failed || a->text[file].failed;
    free(a->text[file].b.data);
    a->text[file] = *new;
}

static void set(struct accounts *a, enum file file, const char *name, unsigned field, const char *value)
{
    struct identity_draft new = {.failed = false};

    account_set(text_of(a, file), name, field, value, &new);
    replace(a, file, &new);
}

static void add_member(struct accounts *a, enum file file, const char *group, const char *user)
{
    struct identity_draft new = {.failed = false};

    account_add_member(text_of(a, file), group, GROUP_MEMBERS, user, &new);
    replace(a, file, &new);
}

static void add_line(struct accounts *a, enum file file, const char *line)
{
    struct identity_draft new = {.failed = false};
    const char *old = text_of(a, file);
    size_t n = strlen(old);

    identity_print(&new, "%s%s%s\n", old, n && old[n - 1] != '\n' ? "\n" : "", line);
    replace(a, file, &new);
}

/* One number for user and group, free as both. */
static unsigned free_number(const struct accounts *a)
{
    unsigned n = UID_FIRST;

    while (n <= UID_LAST && (account_number_taken(text_of(a, PASSWD), PASSWD_UID, n) ||
                             account_number_taken(text_of(a, GROUP), GROUP_GID, n)))
        n++;
    return n;
}

static void set_password(struct accounts *a, const struct identity_user *u)
{
    char old[512], today[24];

    if (!u->password_hash[0] ||
        (account_field(text_of(a, SHADOW), u->name, SHADOW_HASH, old, sizeof(old)) && !strcmp(old, u->password_hash)))
        return;
    snprintf(today, sizeof(today), "%lld", (long long)(time(NULL) / DAY));
    set(a, SHADOW, u->name, SHADOW_HASH, u->password_hash);
    set(a, SHADOW, u->name, SHADOW_CHANGED, today);
}

/* A group that has the user's name already becomes the user's own. */
static int add_user(struct accounts *a, const struct identity_user *u, struct failure *f)
{
    const char *shell = tree_exists(a->root, "bin/bash") ? "/bin/bash" : "/bin/sh";
    unsigned number = free_number(a);
    char line[512], gid[16];

    if (number > UID_LAST)
        return fail(f, "identity", "the deployed system has no user number left for %s", u->name);
    snprintf(gid, sizeof(gid), "%u", number);
    if (!account_field(text_of(a, GROUP), u->name, GROUP_GID, gid, sizeof(gid))) {
        snprintf(line, sizeof(line), "%s:x:%u:", u->name, number);
        add_line(a, GROUP, line);
        snprintf(line, sizeof(line), "%s:!::", u->name);
        add_line(a, GSHADOW, line);
    }
    snprintf(line, sizeof(line), "%s:x:%u:%s:%s:/home/%s:%s", u->name, number, gid, u->full_name, u->name, shell);
    add_line(a, PASSWD, line);
    return 0;
}

static void add_shadow(struct accounts *a, const struct identity_user *u)
{
    char line[128];

    if (account_exists(text_of(a, SHADOW), u->name))
        return;
    snprintf(line, sizeof(line), "%s:!:%lld:0:99999:7:::", u->name, (long long)(time(NULL) / DAY));
    add_line(a, SHADOW, line);
}

static void add_groups(struct accounts *a, const struct identity_user *u)
{
    for (unsigned i = 0; i < u->group_count; i++) {
        if (!account_exists(text_of(a, GROUP), u->groups[i])) {
            console_alert("identity: the deployed system has no group %s for %s", u->groups[i], u->name);
            continue;
        }
        add_member(a, GROUP, u->groups[i], u->name);
        add_member(a, GSHADOW, u->groups[i], u->name);
    }
}

static int set_user(struct accounts *a, const struct identity_user *u, struct failure *f)
{
    if (!account_exists(text_of(a, PASSWD), u->name)) {
        if (add_user(a, u, f))
            return -1;
    } else if (u->full_name[0]) {
        set(a, PASSWD, u->name, PASSWD_GECOS, u->full_name);
    }
    add_shadow(a, u);
    set_password(a, u);
    add_groups(a, u);
    return 0;
}

static int make_home(int root, const char *home, unsigned uid, unsigned gid, struct failure *f)
{
    int fd, result;

    if (tree_is_folder(root, home))
        return 0;
    if (identity_folder(root, home, f))
        return -1;
    fd = tree_open(root, home, O_RDONLY | O_DIRECTORY);
    result = fd < 0 || fchown(fd, uid, gid) || fchmod(fd, 0700)
                 ? fail(f, "identity", "cannot make /%s of the deployed system: %s", home, strerror(errno))
                 : 0;
    if (fd >= 0)
        close(fd);
    return result;
}

/* A home of "/" belongs to a service. */
static int furnish(const struct accounts *a, const struct identity_user *u, struct failure *f)
{
    char uid[16], gid[16], home[200];
    const char *path = home;
    unsigned user, group;

    if (!account_field(text_of(a, PASSWD), u->name, PASSWD_UID, uid, sizeof(uid)) ||
        !account_field(text_of(a, PASSWD), u->name, PASSWD_GID, gid, sizeof(gid)) ||
        !account_field(text_of(a, PASSWD), u->name, PASSWD_HOME, home, sizeof(home)))
        return fail(f, "identity", "the deployed system's line for %s in /etc/passwd is not complete", u->name);
    user = (unsigned)strtoul(uid, NULL, 10);
    group = (unsigned)strtoul(gid, NULL, 10);
    path += strspn(path, "/");
    if (!*path)
        return 0;
    if (make_home(a->root, path, user, group, f))
        return -1;
    return identity_keys_add(a->root, path, user, group, u->authorized_keys, u->key_count, f);
}

/* A system without gshadow needs none. */
static int read_files(struct accounts *a, struct failure *f)
{
    char path[32];

    for (unsigned i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "etc/%s", files[i].name);
        a->there[i] = tree_exists(a->root, path);
        if (identity_read(a->root, path, &a->text[i], f))
            return -1;
        if (strlen(text_of(a, i)) != a->text[i].b.size)
            return fail(f, "identity", "/%s of the deployed system is no text", path);
    }
    return 0;
}

/* The shadow files first: a user without one of their lines cannot log in, one without a line in passwd is none. */
static int write_files(struct accounts *a, struct failure *f)
{
    static const enum file order[FILES] = {GSHADOW, SHADOW, GROUP, PASSWD};

    for (unsigned i = 0; i < FILES; i++) {
        enum file file = order[i];
        struct identity_draft copy = {.failed = a->text[file].failed};
        mode_t mode = files[file].mode;
        int fd = tree_open(a->root, "etc", O_RDONLY | O_DIRECTORY);
        struct stat s;
        if (fd >= 0 && !fstatat(fd, files[file].name, &s, AT_SYMLINK_NOFOLLOW) && S_ISREG(s.st_mode))
            mode = s.st_mode & 07777;
        if (fd >= 0)
            close(fd);
        if (file == GSHADOW && !a->there[GSHADOW])
            continue;
        identity_print(&copy, "%s", text_of(a, file));
        if (identity_file(a->root, "etc", files[file].name, &copy, mode, f))
            return -1;
    }
    return 0;
}

static int work(struct accounts *a, const struct identity_data *d, struct failure *f)
{
    if (read_files(a, f))
        return -1;
    for (unsigned i = 0; i < d->user_count; i++)
        if (set_user(a, &d->users[i], f))
            return -1;
    if (write_files(a, f))
        return -1;
    for (unsigned i = 0; i < d->user_count; i++)
        if (furnish(a, &d->users[i], f))
            return -1;
    return 0;
}

int identity_users_write(const struct identity *id, int root, struct failure *f)
{
    struct accounts a = {.root = root};
    int result;

    if (!id->data->user_count)
        return 0;
    result = work(&a, id->data, f);
    for (unsigned i = 0; i < FILES; i++)
        free(a.text[i].b.data);
    return result;
}
