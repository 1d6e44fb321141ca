/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/bls.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/system/grub_env.h"
#include "agent/system/kernel_version.h"

#define SUFFIX ".conf"

struct choice {
    const char *saved, *env;
    bool found, is_saved, is_given_up;
    char name[256];
    struct boot_entry *best;
};

/* Fedora's `initrd /initramfs-5.img $tuned_initrd`: a second file that GRUB's variable may name. */
static void cut_path(char *path)
{
    path[strcspn(path, " \t")] = '\0';
}

static bool finish(const char *env, struct boot_entry *e)
{
    char options[BOOT_ENTRY_OPTIONS];

    cut_path(e->linux_path);
    for (unsigned i = 0; i < e->initrd_count; i++)
        cut_path(e->initrd[i]);
    if (!grub_env_expand(env, e->options, options, sizeof(options)))
        return false;
    strcpy(e->options, options);
    return e->linux_path[0] == '/';
}

static bool read_entry(int root, const char *path, const char *env, struct boot_entry *ret)
{
    struct buffer text = {0};
    struct error_detail ignored;
    bool ok = tree_read(root, path, &text, BLS_ENTRY_LIMIT) == 0 &&
              boot_entry_parse(path, text.data, text.size, ret, &ignored) && finish(env, ret);

    free(text.data);
    return ok;
}

/* "name+3-1.conf" is "name", which has three tries left and one behind it (Automatic Boot Assessment). */
static bool take_id(const char *name, char ret[256])
{
    size_t length = strlen(name) - strlen(SUFFIX);
    const char *counter;

    snprintf(ret, 256, "%.*s", (int)length, name);
    counter = strrchr(ret, '+');
    if (!counter || !counter[1] || counter[1 + strspn(counter + 1, "0123456789-")])
        return false;
    ret[counter - ret] = '\0';
    return strtoul(name + (counter - ret) + 1, NULL, 10) == 0;
}

static bool matches(const char *saved, const char *id)
{
    char name[300];

    snprintf(name, sizeof(name), "%s" SUFFIX, id);
    return saved[0] && (fnmatch(saved, id, 0) == 0 || fnmatch(saved, name, 0) == 0);
}

/* Versions of the same kernel by the entry's name. */
static bool is_newer(const struct choice *c, const struct boot_entry *e, const char *id)
{
    int order = kernel_version_compare(e->linux_path, c->best->linux_path);

    return order > 0 || (order == 0 && kernel_version_compare(id, c->name) > 0);
}

static void consider(struct choice *c, const struct boot_entry *e, const char *name)
{
    char id[256];
    bool is_given_up = take_id(name, id), is_saved = matches(c->saved, id), better;

    if (c->found && is_saved != c->is_saved)
        better = is_saved;
    else if (c->found && is_given_up != c->is_given_up)
        better = c->is_given_up;
    else
        better = !c->found || is_newer(c, e, id);
    if (!better)
        return;
    *c->best = *e;
    c->found = true;
    c->is_saved = is_saved;
    c->is_given_up = is_given_up;
    strcpy(c->name, id);
}

static bool has_suffix(const char *name)
{
    size_t n = strlen(name), s = strlen(SUFFIX);

    return n > s && !strcmp(name + n - s, SUFFIX);
}

bool bls_choose(int root, const char *folder, const char *saved, const char *env, struct boot_entry *ret)
{
    struct choice c = {.saved = saved, .env = env, .best = ret};
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct boot_entry *e = malloc(sizeof(*e));
    struct dirent *file;
    char path[600];

    for (unsigned i = 0; d && e && i < BLS_ENTRIES && (file = readdir(d)); i++) {
        snprintf(path, sizeof(path), "%.300s/%s", folder, file->d_name);
        if (has_suffix(file->d_name) && read_entry(root, path, env, e))
            consider(&c, e, file->d_name);
    }
    free(e);
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
    return c.found;
}
