/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/anonymous/network_rules.h"

#include <stdbool.h>
#include <string.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/base/tree_walk.h"

struct rules {
    int changed;
    const char *prefix; /* of the names of files that count */
    tree_line_filter *drop;
};

/* Whether the line says something of `key`: blanks before it, and `end` behind it. */
static bool line_has_key(const char *line, size_t size, const char *key, const char *end)
{
    size_t n = strlen(key), at = 0;

    while (at < size && (line[at] == ' ' || line[at] == '\t'))
        at++;
    return size - at > n && !strncasecmp(line + at, key, n) && strchr(end, line[at + n]);
}

static bool is_ifcfg_address(const char *line, size_t size)
{
    return line_has_key(line, size, "HWADDR", "=") || line_has_key(line, size, "MACADDR", "=");
}

static bool is_keyfile_address(const char *line, size_t size)
{
    return line_has_key(line, size, "mac-address", "= ") || line_has_key(line, size, "cloned-mac-address", "= ");
}

static bool is_interfaces_address(const char *line, size_t size)
{
    return line_has_key(line, size, "hwaddress", " \t");
}

static bool is_networkd_address(const char *line, size_t size)
{
    return line_has_key(line, size, "MACAddress", "= \t") || line_has_key(line, size, "PermanentMACAddress", "= \t");
}

static int drop_lines(void *arg, int folder, const char *name)
{
    struct rules *r = arg;
    int dropped = 0;

    if (!strncmp(name, r->prefix, strlen(r->prefix)))
        dropped = tree_drop_lines(folder, name, r->drop);
    r->changed += dropped > 0;
    return dropped < 0 ? -1 : 0;
}

static int drop_in(int root, const char *folder, const char *prefix, tree_line_filter *drop, int *changed)
{
    struct rules r = {.prefix = prefix, .drop = drop};
    int result = tree_each_file(root, folder, "", drop_lines, &r);

    *changed += r.changed;
    return result;
}

/* Without its address, what such a file is for would fall on every card. A file of networkd's that only wants to give
 * an address to a card is no less bound to one machine. */
static int remove_bound(void *arg, int folder, const char *name)
{
    struct rules *r = arg;
    struct buffer b = {0};
    bool bound = false;

    if (tree_read(folder, name, &b, 1u << 20) == 0)
        for (size_t at = 0, size; !bound && at < b.size; at += size + 1) {
            const uint8_t *end = memchr(b.data + at, '\n', b.size - at);
            size = end ? (size_t)(end - (b.data + at)) : b.size - at;
            bound = is_networkd_address((const char *)b.data + at, size);
        }
    free(b.data);
    if (!bound)
        return 0;
    r->changed++;
    return unlinkat(folder, name, 0);
}

static int remove_networkd(int root, const char *suffix, int *changed)
{
    struct rules r = {0};
    int result = tree_each_file(root, "etc/systemd/network", suffix, remove_bound, &r);

    *changed += r.changed;
    return result;
}

int network_rules_unbind(int root)
{
    int changed = tree_remove(root, "etc/udev/rules.d", "", "persistent-net.rules");

    if (changed < 0 || drop_in(root, "etc/sysconfig/network-scripts", "ifcfg-", is_ifcfg_address, &changed) ||
        drop_in(root, "etc/NetworkManager/system-connections", "", is_keyfile_address, &changed) ||
        drop_in(root, "etc/network", "interfaces", is_interfaces_address, &changed) ||
        drop_in(root, "etc/network/interfaces.d", "", is_interfaces_address, &changed) ||
        remove_networkd(root, ".link", &changed) || remove_networkd(root, ".network", &changed))
        return -1;
    return changed;
}
