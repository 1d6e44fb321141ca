/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/kernel_choice.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/system/bls.h"
#include "agent/system/grub_cfg.h"
#include "agent/system/grub_env.h"
#include "agent/system/kernel_version.h"
#include "agent/system/system_linux.h"

#define BOOT_FILES 4096
#define LOADER_CONF_LIMIT 16384

struct search {
    int root;
    bool separate_boot;
    char env[GRUB_ENV_LIMIT + 1];
    struct boot_entry *ret;
};

static bool is_file(const struct search *s, const char *path)
{
    return tree_is_file(s->root, path);
}

static bool try_path(const struct search *s, const char *folder, const char *path, char ret[BOOT_ENTRY_PATH])
{
    char whole[BOOT_ENTRY_PATH + 32];

    snprintf(whole, sizeof(whole), "%s%s", folder, path);
    if (strlen(whole) >= BOOT_ENTRY_PATH || !is_file(s, whole[0] == '/' ? whole + 1 : whole))
        return false;
    strcpy(ret, whole);
    return true;
}

/* A loader's path begins at the top of the file system that it loads from: that of /boot, the root's, the root's with
 * the path of the btrfs subvolume before it, or the ESP's. */
static bool find_file(const struct search *s, const char *folder, char path[BOOT_ENTRY_PATH])
{
    const char *first = s->separate_boot ? "/boot" : "", *second = s->separate_boot ? "" : "/boot";
    char found[BOOT_ENTRY_PATH];
    bool ok;

    if (path[0] != '/')
        return false;
    ok = try_path(s, folder, path, found) || try_path(s, first, path, found) || try_path(s, second, path, found);
    for (const char *below = strchr(path + 1, '/'); below && !ok; below = strchr(below + 1, '/'))
        ok = try_path(s, "", below, found) || try_path(s, second, below, found);
    if (ok)
        strcpy(path, found);
    return ok;
}

/* A kernel without one of its initrds does not come far. */
static bool find_files(const struct search *s, const char *folder)
{
    if (!find_file(s, folder, s->ret->linux_path))
        return false;
    for (unsigned i = 0; i < s->ret->initrd_count; i++)
        if (!find_file(s, folder, s->ret->initrd[i]))
            return false;
    return true;
}

static void read_env(struct search *s)
{
    static const char *const files[] = {"boot/grub2/grubenv", "boot/grub/grubenv"};
    struct buffer b = {0};

    s->env[0] = '\0';
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !s->env[0]; i++)
        if (tree_read(s->root, files[i], &b, GRUB_ENV_LIMIT) == 0)
            snprintf(s->env, sizeof(s->env), "%s", (const char *)b.data);
    free(b.data);
}

/* GRUB's saved entry, else systemd-boot's default: a line "default PATTERN" of its loader.conf. "@saved" is a variable
 * of the firmware that the image came from. */
static void find_saved(const struct search *s, const char *folder, char ret[256])
{
    struct buffer text = {0};
    char path[64];

    if (grub_env_get(s->env, "saved_entry", ret, 256))
        return;
    snprintf(path, sizeof(path), "%s/loader/loader.conf", folder + 1);
    if (!tree_read(s->root, path, &text, LOADER_CONF_LIMIT))
        for (const char *line = (const char *)text.data; line; line = strchr(line, '\n')) {
            line += *line == '\n';
            if (sscanf(line, "default%*[ \t]%255[^ \t\r\n]", ret) == 1)
                break;
        }
    if (ret[0] == '@')
        ret[0] = '\0';
    free(text.data);
}

static bool find_bls(struct search *s)
{
    static const char *const folders[] = {"/boot", "/efi", "/boot/efi"};
    char path[64], saved[256];

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        find_saved(s, folders[i], saved);
        snprintf(path, sizeof(path), "%s/loader/entries", folders[i] + 1);
        if (bls_choose(s->root, path, saved, s->env, s->ret) && find_files(s, folders[i]))
            return true;
    }
    return false;
}

static bool find_in_cfg(struct search *s, const char *file)
{
    const struct boot_entry *chosen;
    struct buffer text = {0};
    struct grub_cfg cfg;
    bool found = false;

    if (tree_read(s->root, file, &text, GRUB_CFG_LIMIT) == 0 &&
        grub_cfg_parse((const char *)text.data, text.size, s->env, &cfg) == 0) {
        chosen = grub_cfg_default(&cfg);
        if (chosen)
            *s->ret = *chosen;
        found = chosen && find_files(s, "");
        grub_cfg_free(&cfg);
    }
    free(text.data);
    return found;
}

static bool find_grub(struct search *s)
{
    return find_in_cfg(s, "boot/grub/grub.cfg") || find_in_cfg(s, "boot/grub2/grub.cfg");
}

/* The newest /boot/vmlinuz-VERSION; its version goes to *ret. */
static bool find_newest(const struct search *s, char ret[200])
{
    static const char prefix[] = "vmlinuz-";
    int fd = tree_open(s->root, "boot", O_RDONLY | O_DIRECTORY);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    ret[0] = '\0';
    for (unsigned i = 0; d && i < BOOT_FILES && (e = readdir(d)); i++) {
        const char *version = e->d_name + strlen(prefix);
        if (!strncmp(e->d_name, prefix, strlen(prefix)) && strlen(version) < 200 &&
            (!ret[0] || kernel_version_compare(version, ret) > 0))
            strcpy(ret, version);
    }
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
    return ret[0] != '\0';
}

static void find_initrd(const struct search *s, const char *version)
{
    static const struct {
        const char *before, *after;
    } forms[] = {{"initrd.img-", ""}, {"initramfs-", ".img"}, {"initrd-", ""}, {"initramfs-", ""}};
    char path[BOOT_ENTRY_PATH];

    s->ret->initrd_count = 0;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !s->ret->initrd_count; i++) {
        snprintf(path, sizeof(path), "/boot/%s%.200s%s", forms[i].before, version, forms[i].after);
        if (is_file(s, path + 1))
            strcpy(s->ret->initrd[s->ret->initrd_count++], path);
    }
}

/* What the system itself calls its root; false when its fstab does not tell. */
static bool root_option(const struct search *s, char *ret, size_t size)
{
    struct fstab_entry entries[FSTAB_ENTRIES];
    unsigned count = system_linux_fstab(s->root, entries);
    char subvolume[128];

    for (unsigned i = 0; i < count; i++) {
        if (strcmp(entries[i].folder, "/"))
            continue;
        if (fstab_option(&entries[i], "subvol", subvolume, sizeof(subvolume)))
            snprintf(ret, size, "root=%s rootflags=subvol=%s ro", entries[i].what, subvolume);
        else
            snprintf(ret, size, "root=%s ro", entries[i].what);
        return true;
    }
    return false;
}

static bool find_kernel(struct search *s)
{
    char version[200];

    if (!find_newest(s, version) || !root_option(s, s->ret->options, sizeof(s->ret->options)))
        return false;
    snprintf(s->ret->linux_path, sizeof(s->ret->linux_path), "/boot/vmlinuz-%s", version);
    find_initrd(s, version);
    return is_file(s, s->ret->linux_path + 1);
}

int kernel_choice_find(int root, bool separate_boot, struct boot_entry *ret, const char **ret_how, struct failure *f)
{
    static const struct {
        bool (*find)(struct search *s);
        const char *how;
    } ways[] = {{find_bls, "loader/entries"}, {find_grub, "grub.cfg"}, {find_kernel, "the newest kernel in /boot"}};
    struct search *s = calloc(1, sizeof(*s));
    int result = -1;

    if (!s)
        return fail(f, "production", "no memory to look for a kernel");
    *s = (struct search){.root = root, .separate_boot = separate_boot, .ret = ret};
    read_env(s);
    for (size_t i = 0; result && i < sizeof(ways) / sizeof(ways[0]); i++) {
        memset(ret, 0, sizeof(*ret));
        if (!ways[i].find(s))
            continue;
        *ret_how = ways[i].how;
        result = 0;
    }
    free(s);
    return result ? fail(f, "production", "no kernel was found: neither by loader/entries or grub.cfg, nor in /boot")
                  : 0;
}
