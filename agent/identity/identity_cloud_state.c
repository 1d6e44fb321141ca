/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether cloud-init is there and may work: "How to disable cloud-init" of its documentation, ds-identify's policy, and
 * systemctl mask. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"
#include "agent/system/kernel_choice.h"

#define CONFIG_LIMIT (1u << 20)

/* Where `word` stands in the line, not behind a '#'; NULL when it does not. */
static const char *find_word(const char *line, size_t length, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= length && line[i] != '#'; i++)
        if (!strncmp(line + i, word, n))
            return line + i + n;
    return NULL;
}

/* Whether a line has "KEY: disabled", also in braces. */
static bool says_disabled(const char *text, const char *key)
{
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        const char *value;
        length = strcspn(text, "\n");
        value = find_word(text, length, key);
        if (value && !strncmp(value + strspn(value, " \t\"'"), "disabled", strlen("disabled")))
            return true;
    }
    return false;
}

static bool file_says_disabled(int folder, const char *name, const char *key)
{
    struct buffer b = {0};
    bool says = !tree_read(folder, name, &b, CONFIG_LIMIT) && says_disabled((const char *)b.data, key);

    free(b.data);
    return says;
}

static bool is_masked(int root, const char *unit)
{
    int folder = tree_open(root, "etc/systemd/system", O_RDONLY | O_DIRECTORY);
    char target[16] = "";
    ssize_t n;

    if (folder < 0)
        return false;
    n = readlinkat(folder, unit, target, sizeof(target) - 1);
    close(folder);
    return n > 0 && !strcmp(target, "/dev/null");
}

/* The names until 24.2, and since. */
static bool has_masked_unit(int root)
{
    static const char *const units[] = {"cloud-init.target", "cloud-init.service", "cloud-init-local.service",
                                        "cloud-init-main.service", "cloud-init-network.service"};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (is_masked(root, units[i]))
            return true;
    return false;
}

/* Whether the kernel that the system starts by default is told so. */
static bool kernel_is_told(int root, const char *word)
{
    struct boot_entry *entry = calloc(1, sizeof(*entry));
    size_t n = strlen(word);
    struct failure ignored;
    const char *how, *at;
    bool told = false;

    if (entry && !kernel_choice_find(root, false, entry, &how, &ignored))
        for (at = entry->options; !told && (at = strstr(at, word)); at += n)
            told = (at == entry->options || at[-1] == ' ') && (!at[n] || at[n] == ' ');
    free(entry);
    return told;
}

bool identity_cloud_is_there(int root)
{
    return tree_exists(root, "usr/bin/cloud-init") && tree_is_folder(root, "etc/cloud") &&
           !tree_exists(root, "etc/cloud/cloud-init.disabled") && !has_masked_unit(root) &&
           !file_says_disabled(root, "etc/cloud/ds-identify.cfg", "policy:") &&
           !kernel_is_told(root, "cloud-init=disabled");
}

static bool folder_forbids_network(int root, const char *folder)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;
    bool forbidden = false;

    if (fd >= 0 && !d)
        close(fd);
    while (d && !forbidden && (e = readdir(d)))
        forbidden =
            strstr(e->d_name, ".cfg") && !strstr(e->d_name, "slipway") && file_says_disabled(fd, e->d_name, "config:");
    if (d)
        closedir(d);
    return forbidden;
}

bool identity_cloud_does_network(int root)
{
    return !folder_forbids_network(root, "etc/cloud/cloud.cfg.d") &&
           !file_says_disabled(root, "etc/cloud/cloud.cfg", "config:") &&
           !kernel_is_told(root, "network-config=disabled");
}
