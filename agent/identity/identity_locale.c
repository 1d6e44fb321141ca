/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"
#include "agent/identity/locale_list.h"

static int write_time_zone(const char *zone, int root, struct failure *f)
{
    struct identity_draft line = {.failed = false};
    char file[128], target[128];

    snprintf(file, sizeof(file), "usr/share/zoneinfo/%s", zone);
    snprintf(target, sizeof(target), "../usr/share/zoneinfo/%s", zone);
    if (!tree_exists(root, file) || tree_is_folder(root, file))
        return fail(f, "identity", "the deployed system does not know the time zone %s", zone);
    if (identity_link(root, "etc", "localtime", target, f))
        return -1;
    if (!tree_exists(root, "etc/timezone"))
        return 0;
    identity_print(&line, "%s\n", zone);
    return identity_file(root, "etc", "timezone", &line, 0644, f);
}

/* A file of lines KEY=value as a shell reads them: the line of `key` gets the value, which needs no quotes inside, all
 * others stay. */
static int set_value(int root, const char *folder, const char *name, const char *key, const char *value,
                     struct failure *f)
{
    struct identity_draft old, new = {.failed = false};
    char path[64];
    size_t n = strlen(key), length;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (identity_read(root, path, &old, f))
        return -1;
    for (const char *p = (const char *)old.b.data; *p; p += length + (p[length] == '\n')) {
        length = strcspn(p, "\n");
        if (strncmp(p, key, n) || p[n] != '=')
            identity_print(&new, "%.*s\n", (int)length, p);
    }
    free(old.b.data);
    identity_print(&new, "%s=\"%s\"\n", key, value);
    return identity_file(root, folder, name, &new, 0644, f);
}

static bool is_file(int root, const char *folder, const char *name)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY);
    struct stat s;
    bool found;

    if (fd < 0)
        return false;
    found = !fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) && S_ISREG(s.st_mode);
    close(fd);
    return found;
}

/* Debian's own file, which newer releases have as a link to systemd's. cloud-init makes a locale that is missing. */
static int write_locale(const char *locale, int root, struct failure *f)
{
    bool is_made = locale_list_has(root, locale) || identity_cloud_is_there(root);
    bool debian = is_file(root, "etc/default", "locale") ||
                  (tree_exists(root, "etc/debian_version") && !tree_exists(root, "etc/locale.conf"));

    if (!is_made)
        console_alert(
            "identity: the image has not got the locale %s: programs will take C in its place, until locale-gen "
            "or a language pack makes it",
            locale);
    if (debian)
        return set_value(root, "etc/default", "locale", "LANG", locale, f);
    return set_value(root, "etc", "locale.conf", "LANG", locale, f);
}

/* "us-intl": layout and variant for X, which Debian uses for the console, too; a name of the console's elsewhere. */
static int write_keyboard(const char *keyboard, int root, struct failure *f)
{
    size_t layout = strcspn(keyboard, "-");
    char name[64];

    if (strchr(keyboard, ':')) {
        console_line("identity: the keyboard %s is one of Windows, not written", keyboard);
        return 0;
    }
    if (!tree_exists(root, "etc/default/keyboard"))
        return set_value(root, "etc", "vconsole.conf", "KEYMAP", keyboard, f);
    snprintf(name, sizeof(name), "%.*s", (int)layout, keyboard);
    if (set_value(root, "etc/default", "keyboard", "XKBLAYOUT", name, f))
        return -1;
    return set_value(root, "etc/default", "keyboard", "XKBVARIANT", keyboard[layout] ? keyboard + layout + 1 : "", f);
}

int identity_locale_write(const struct identity *id, int root, struct failure *f)
{
    const struct identity_data *d = id->data;

    if (d->time_zone[0] && write_time_zone(d->time_zone, root, f))
        return -1;
    if (d->locale[0] && write_locale(d->locale, root, f))
        return -1;
    return d->keyboard[0] ? write_keyboard(d->keyboard, root, f) : 0;
}
