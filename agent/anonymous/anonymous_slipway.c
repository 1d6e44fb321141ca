/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/anonymous/anonymous_slipway.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/base/tree_walk.h"
#include "agent/identity/confirm.h"
#include "agent/identity/identity_file.h"
#include "agent/identity/identity_network.h"

#define INTERFACES_LIMIT (1u << 20)

static int remove_files(int root)
{
    static const char *const list[][2] = {
        {"etc/cloud/cloud.cfg.d", "99-slipway.cfg"},
        {"etc/netplan", "01-slipway.yaml"},
        {"etc/systemd/system", "slipway-first-boot.service"},
        {"etc/systemd/system/multi-user.target.wants", "slipway-first-boot.service"},
        {"var/lib/slipway", "first-boot"},
        {"var/lib/slipway", "first-boot.done"},
        {".", "AClient.cfg"},
        {".", "slipway.cfg"},
    };
    int removed = 0, n;

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        n = tree_remove_name(root, list[i][0], list[i][1]);
        if (n < 0)
            return -1;
        removed += n;
    }
    return removed;
}

static int remove_networks(int root)
{
    int networkd = tree_remove(root, "etc/systemd/network", "00-slipway-", ""),
        nm =
            networkd < 0 ? -1 : tree_remove(root, "etc/NetworkManager/system-connections", "slipway-", ".nmconnection");

    return nm < 0 ? -1 : networkd + nm;
}

/* Only where the deploy's file is: somebody may have written another one since. */
static int put_back_interfaces(int root)
{
    struct buffer b = {0};
    bool ours = !tree_read(root, "etc/network/interfaces", &b, INTERFACES_LIMIT) &&
                !strncmp((const char *)b.data, IDENTITY_INTERFACES_HEAD, strlen(IDENTITY_INTERFACES_HEAD));

    free(b.data);
    return ours && tree_exists(root, "etc/network/" IDENTITY_DISABLED "interfaces")
               ? tree_remove_name(root, "etc/network", "interfaces")
               : 0;
}

/* A file of the name that is there already is newer. */
static int put_back(int folder, const char *name)
{
    const char *old = name + strlen(IDENTITY_DISABLED);

    if (linkat(folder, name, folder, old, 0) && errno != EEXIST)
        return -1;
    return unlinkat(folder, name, 0) ? -1 : 1;
}

static int put_back_in(int root, const char *folder)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), count = 0, n;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (!d) {
        close(fd);
        return -1;
    }
    while (count >= 0 && (e = tree_next_entry(d))) {
        if (strncmp(e->d_name, IDENTITY_DISABLED, strlen(IDENTITY_DISABLED)))
            continue;
        n = put_back(fd, e->d_name);
        count = n < 0 ? -1 : count + n;
        rewinddir(d);
    }
    n = errno;
    closedir(d);
    errno = n;
    return n ? -1 : count;
}

static int put_back_networks(int root)
{
    static const char *const folders[] = {
        "etc/netplan",         "etc/NetworkManager/system-connections", "etc/network",     "etc/network/interfaces.d",
        "etc/systemd/network", "etc/sysconfig/network-scripts",         "etc/udev/rules.d"};
    int count = put_back_interfaces(root), n;

    for (size_t i = 0; count >= 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
        n = put_back_in(root, folders[i]);
        count = n < 0 ? -1 : count + n;
    }
    return count;
}

/* slipway.cfg goes last: it says that the seed is ours. */
int anonymous_slipway_remove(int root)
{
    int (*const parts[])(int root) = {confirm_remove, remove_networks, put_back_networks, remove_files};
    int count = tree_exists(root, "slipway.cfg") ? tree_clear(root, "var/lib/cloud/seed/nocloud", false) : 0, n;

    for (size_t i = 0; count >= 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
        n = parts[i](root);
        count = n < 0 ? -1 : count + n;
    }
    return count;
}
