/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/anonymous/anonymous_items.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/anonymous/anonymous_slipway.h"
#include "agent/anonymous/network_rules.h"
#include "agent/base/tree.h"
#include "agent/base/tree_walk.h"
#include "agent/identity/hosts_file.h"

#define TEXT_LIMIT (1u << 20)
#define NO_NAME "localhost"

/* Files of one folder. */
struct files {
    const char *folder, *prefix, *suffix;
};

static int remove_files(int root, const struct files *list, size_t count)
{
    int removed = 0, n;

    for (size_t i = 0; i < count; i++) {
        n = tree_remove(root, list[i].folder, list[i].prefix, list[i].suffix);
        if (n < 0 && errno != ENOTDIR)
            return -1;
        removed += n > 0 ? n : 0;
    }
    return removed;
}
#define REMOVE_FILES(root, list) remove_files(root, list, sizeof(list) / sizeof((list)[0]))

/* D-Bus' copy, which is made again from the first one; a link to that has nothing of its own. */
static int remove_dbus_id(int root)
{
    char target[8];
    int folder = tree_open(root, "var/lib/dbus", O_RDONLY | O_DIRECTORY), removed = 0, error;

    if (folder < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (readlinkat(folder, "machine-id", target, sizeof(target)) < 0 && errno != ENOENT)
        removed = unlinkat(folder, "machine-id", 0) ? -1 : 1;
    error = errno;
    close(folder);
    errno = error;
    return removed;
}

/* Emptied, not removed: an empty file makes systemd fill it at the next start, also where / is then read-only
 * (machine-id(5)). "uninitialized" is no identity, and makes systemd run what belongs to a first start. */
static int remove_machine_id(int root)
{
    struct buffer old = {0};
    int removed = remove_dbus_id(root);
    bool is_none;

    if (removed < 0)
        return -1;
    if (tree_read(root, "etc/machine-id", &old, TEXT_LIMIT))
        return errno == ENOENT ? removed : -1;
    is_none = !old.size || !strcmp((const char *)old.data, "uninitialized\n");
    free(old.data);
    if (is_none)
        return removed;
    return tree_write(root, "etc", "machine-id", "", 0, 0444) ? -1 : removed + 1;
}

static int remove_ssh_host_keys(int root)
{
    static const struct files keys[] = {{"etc/ssh", "ssh_host_", ""},
                                        {"etc/dropbear", "dropbear_", "_host_key"},
                                        {"etc/dropbear-initramfs", "dropbear_", "_host_key"}};

    return REMOVE_FILES(root, keys);
}

static int remove_network_state(int root)
{
    static const struct files state[] = {{"var/lib/dhcp", "dhclient", ".leases"},
                                         {"var/lib/dhclient", "dhclient", ".lease"},
                                         {"var/lib/dhclient", "dhclient", ".leases"},
                                         {"var/lib/NetworkManager", "", ".lease"},
                                         {"var/lib/NetworkManager", "secret_key", ""},
                                         {"var/lib/NetworkManager", "seen-bssids", ""},
                                         {"var/lib/NetworkManager", "timestamps", ""},
                                         {"var/lib/dhcpcd", "", ".lease"},
                                         {"var/lib/dhcpcd", "", ".lease6"},
                                         {"var/lib/dhcpcd", "duid", ""},
                                         {"var/lib/dhcpcd", "secret", ""},
                                         {"var/lib/dhcpcd5", "", ".lease"},
                                         {"etc", "dhcpcd.duid", ""},
                                         {"etc", "dhcpcd.secret", ""},
                                         {"var/lib/wicked", "duid", ".xml"},
                                         {"var/lib/wicked", "iaid", ".xml"},
                                         {"var/lib/wicked", "lease-", ".xml"}};

    return REMOVE_FILES(root, state);
}

/* systemd-boot keeps one on the ESP, wherever that is mounted. */
static int remove_random_seed(int root)
{
    static const struct files seeds[] = {{"var/lib/systemd", "random-seed", ""},
                                         {"var/lib/urandom", "random-seed", ""},
                                         {"boot/efi/loader", "random-seed", ""},
                                         {"boot/loader", "random-seed", ""},
                                         {"efi/loader", "random-seed", ""}};

    return REMOVE_FILES(root, seeds);
}

/* What systemd-creds(1) has encrypted with it can be read on this machine alone. */
static int remove_credential_secret(int root)
{
    static const struct files secrets[] = {{"var/lib/systemd", "credential.secret", ""}};

    return REMOVE_FILES(root, secrets);
}

/* What `cloud-init clean` forgets, and the network that it wrote for the card it saw. */
static int remove_cloud_init(int root)
{
    static const struct files made[] = {{"etc/netplan", "50-cloud-init.yaml", ""},
                                        {"etc/network/interfaces.d", "50-cloud-init", ""},
                                        {"etc/systemd/network", "10-cloud-init-", ".network"},
                                        {"etc/NetworkManager/system-connections", "cloud-init-", ".nmconnection"}};
    static const char *const folders[] = {"var/lib/cloud/instances", "var/lib/cloud/data", "var/lib/cloud/sem"};
    int removed, n;

    if (!tree_is_folder(root, "var/lib/cloud"))
        return 0;
    removed = tree_remove_name(root, "var/lib/cloud", "instance");
    if (removed < 0)
        return -1;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        n = tree_clear(root, folders[i], false);
        if (n < 0)
            return -1;
        removed += n;
    }
    n = REMOVE_FILES(root, made);
    return n < 0 ? -1 : removed + n;
}

static int rename_hosts(int root)
{
    struct buffer old = {0}, new = {0};
    int result = -1;

    if (tree_read(root, "etc/hosts", &old, TEXT_LIMIT))
        return errno == ENOENT ? 0 : -1;
    if (hosts_file_rename((const char *)old.data, NO_NAME, &new))
        result = tree_write(root, "etc", "hosts", new.data, new.size, 0644);
    else
        errno = ENOMEM;
    free(old.data);
    free(new.data);
    return result;
}

static int remove_host_name(int root)
{
    struct buffer old = {0};
    bool unnamed;

    if (tree_read(root, "etc/hostname", &old, TEXT_LIMIT))
        return errno == ENOENT ? 0 : -1;
    unnamed = !strcmp((const char *)old.data, NO_NAME "\n");
    free(old.data);
    if (unnamed)
        return 0;
    return rename_hosts(root) || tree_write(root, "etc", "hostname", NO_NAME "\n", strlen(NO_NAME "\n"), 0644) ? -1 : 1;
}

/* Programs expect their folders to be there. The journal's are named after the machine-id. */
static int remove_logs(int root)
{
    int journal = tree_clear(root, "var/log/journal", false),
        files = journal < 0 ? -1 : tree_clear(root, "var/log", true);

    return files < 0 ? -1 : journal + files;
}

static const struct {
    unsigned item;
    const char *name, *one, *many; /* for people: "1 lease", "2 leases"; NULL: the name says it */
    int (*remove)(int root);       /* returns how many things went, or -1 with errno */
} items[] = {
    {ANONYMOUS_MACHINE_ID, "machine-id", NULL, NULL, remove_machine_id},
    {ANONYMOUS_SSH_HOST_KEYS, "ssh-host-keys", "file of ssh host keys", "files of ssh host keys", remove_ssh_host_keys},
    {ANONYMOUS_NETWORK_STATE, "network-state", "DHCP lease", "DHCP leases and the like", remove_network_state},
    {ANONYMOUS_RANDOM_SEED, "random-seed", NULL, NULL, remove_random_seed},
    {ANONYMOUS_CREDENTIAL_SECRET, "credential-secret", NULL, NULL, remove_credential_secret},
    {ANONYMOUS_NETWORK_RULES, "network-rules", "network rule for one card", "network rules for one card",
     network_rules_unbind},
    {ANONYMOUS_CLOUD_INIT, "cloud-init", NULL, NULL, remove_cloud_init},
    {ANONYMOUS_HOST_NAME, "host-name", NULL, NULL, remove_host_name},
    {ANONYMOUS_SLIPWAY, "slipway", NULL, NULL, anonymous_slipway_remove},
    {ANONYMOUS_LOGS, "logs", "log", "logs", remove_logs},
};
#define ITEMS (sizeof(items) / sizeof(items[0]))

unsigned anonymous_item_parse(const char *name)
{
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].item != ANONYMOUS_LOGS && !strcmp(items[i].name, name))
            return items[i].item;
    return 0;
}

const char *anonymous_item_names(void)
{
    return "machine-id, ssh-host-keys, network-state, random-seed, credential-secret, network-rules, cloud-init, "
           "host-name, slipway";
}

static void describe(size_t i, int count, char *ret, size_t size)
{
    size_t n = strlen(ret);
    const char *comma = n ? ", " : "";

    if (items[i].one)
        snprintf(ret + n, size - n, "%s%d %s", comma, count, count == 1 ? items[i].one : items[i].many);
    else
        snprintf(ret + n, size - n, "%s%s", comma, items[i].name);
}

/* Returns how many things went, or -1 with errno and the item's name in `ret`. */
static int remove_item(int root, size_t i, char *ret, size_t size)
{
    int count = items[i].remove(root);

    if (count < 0)
        snprintf(ret, size, "%s", items[i].name);
    return count;
}

/* What a deploy has put out of the way comes back first: it may have to go itself. */
int anonymous_items_remove(int root, unsigned wanted, char *ret, size_t size)
{
    int counts[ITEMS] = {0};

    ret[0] = '\0';
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < ITEMS; i++) {
            if (!(wanted & items[i].item) || (items[i].item == ANONYMOUS_SLIPWAY) != (pass == 0))
                continue;
            counts[i] = remove_item(root, i, ret, size);
            if (counts[i] < 0)
                return -1;
        }
    for (size_t i = 0; i < ITEMS; i++)
        if (counts[i] > 0)
            describe(i, counts[i], ret, size);
    return 0;
}
