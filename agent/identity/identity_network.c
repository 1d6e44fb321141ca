/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/identity_network.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/tree.h"

#define WANTS "etc/systemd/system/multi-user.target.wants/"

/* A link of systemd's means enabled, wherever it leads: usually out of what tree.h would follow, to /lib. */
static bool has_entry(int root, const char *folder, const char *name)
{
    return tree_count(root, folder, name, "") > 0;
}

static bool is_enabled(int root, const char *unit)
{
    return has_entry(root, WANTS, unit);
}

bool identity_network_has_nm(int root)
{
    return (tree_exists(root, "usr/sbin/NetworkManager") || tree_exists(root, "usr/bin/NetworkManager")) &&
           is_enabled(root, "NetworkManager.service");
}

enum network_manager identity_network_manager(int root)
{
    if (tree_exists(root, "usr/sbin/netplan") && tree_is_folder(root, "etc/netplan"))
        return NETWORK_NETPLAN;
    if (identity_network_has_nm(root))
        return NETWORK_NM;
    if (is_enabled(root, "systemd-networkd.service"))
        return NETWORK_NETWORKD;
    if ((tree_exists(root, "sbin/ifup") || tree_exists(root, "usr/sbin/ifup")) && tree_is_folder(root, "etc/network"))
        return NETWORK_IFUPDOWN;
    return NETWORK_NONE;
}

const char *identity_network_manager_name(enum network_manager m)
{
    static const char *const names[] = {"none", "netplan", "NetworkManager", "systemd-networkd", "ifupdown"};

    return names[m];
}

void identity_network_mac(const struct identity *id, unsigned i, char ret[18])
{
    const char *mac = id->data->networks[i].mac;

    snprintf(ret, 18, "%s", mac[0] ? mac : id->boot_mac);
    for (char *c = ret; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

static bool is_same_card(const struct identity *id, unsigned i, unsigned k)
{
    char one[18], other[18];

    identity_network_mac(id, i, one);
    identity_network_mac(id, k, other);
    return !strcmp(one, other);
}

unsigned identity_network_card(const struct identity *id, unsigned i)
{
    unsigned first = i;

    for (unsigned k = id->data->network_count; k-- > 0;)
        if (is_same_card(id, i, k) && (!id->data->networks[k].vlan || id->data->networks[first].vlan))
            first = k;
    return first;
}

int identity_network_check(const struct identity *id, struct failure *f)
{
    const struct identity_network *list = id->data->networks;

    for (unsigned i = 0; i < id->data->network_count; i++)
        for (unsigned k = 0; k < i; k++) {
            if (list[i].vlan && list[i].vlan == list[k].vlan)
                return fail(f, "identity", "networks %u and %u are both VLAN %u", k + 1, i + 1, list[i].vlan);
            if (!list[i].vlan && !list[k].vlan && is_same_card(id, i, k))
                return fail(f, "identity", "networks %u and %u are both for the same card, without a VLAN", k + 1,
                            i + 1);
        }
    return 0;
}

bool identity_network_is_v6(const char *address)
{
    return strchr(address, ':') != NULL;
}

const char *identity_network_gateway(const struct identity_network *n, bool v6)
{
    for (unsigned i = 0; i < n->gateway_count; i++)
        if (identity_network_is_v6(n->gateways[i]) == v6)
            return n->gateways[i];
    return NULL;
}

bool identity_network_has(const struct identity_network *n, bool v6)
{
    for (unsigned i = 0; i < n->address_count; i++)
        if (identity_network_is_v6(n->addresses[i]) == v6)
            return true;
    return false;
}

int identity_network_clear(int root, struct failure *f)
{
    static const struct {
        const char *folder, *suffix, *word;
    } places[] = {
        {"etc/netplan", ".yaml", ""},
        {"etc/NetworkManager/system-connections", "", "type=ethernet"},
        {"etc/NetworkManager/system-connections", "", "type=vlan"},
        {"etc/sysconfig/network-scripts", "", "HWADDR"},
        {"etc/sysconfig/network-scripts", "", "BOOTPROTO"},
        {"etc/systemd/network", ".network", "MACAddress="},
        {"etc/systemd/network", ".link", "MACAddress="},
        {"etc/systemd/network", ".netdev", "Kind=vlan"},
        {"etc/network/interfaces.d", "", "iface"},
        {"etc/udev/rules.d", "persistent-net.rules", ""},
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (identity_disable(root, places[i].folder, places[i].suffix, places[i].word, f))
            return -1;
    /* Those that this program wrote on an earlier machine. */
    if (tree_remove(root, "etc/systemd/network", "00-slipway-", "") < 0 ||
        tree_remove(root, "etc/NetworkManager/system-connections", "slipway-", ".nmconnection") < 0)
        return fail(f, "identity", "cannot remove the image's network files: %s", strerror(errno));
    return 0;
}

/* Something that is written at each start (systemd-resolved, resolvconf, NetworkManager) is a link or has a program. */
static bool is_ours_to_write(int root)
{
    int etc = tree_open(root, "etc", O_RDONLY | O_DIRECTORY);
    struct stat s;
    bool ours;

    if (etc < 0)
        return false;
    ours = fstatat(etc, "resolv.conf", &s, AT_SYMLINK_NOFOLLOW) ? errno == ENOENT : S_ISREG(s.st_mode);
    close(etc);
    return ours && !tree_exists(root, "sbin/resolvconf") && !tree_exists(root, "usr/sbin/resolvconf");
}

int identity_resolv_write(const struct identity *id, int root, struct failure *f)
{
    struct identity_draft t = {.failed = false};
    unsigned servers = 0, domains = 0;

    for (unsigned i = 0; i < id->data->network_count; i++)
        for (unsigned k = 0; k < id->data->networks[i].search_count; k++)
            identity_print(&t, "%s%s", domains++ ? " " : "search ", id->data->networks[i].search[k]);
    if (domains)
        identity_print(&t, "\n");
    for (unsigned i = 0; i < id->data->network_count; i++)
        for (unsigned k = 0; k < id->data->networks[i].dns_count; k++, servers++)
            identity_print(&t, "nameserver %s\n", id->data->networks[i].dns[k]);
    if (servers && is_ours_to_write(root))
        return identity_file(root, "etc", "resolv.conf", &t, 0644, f);
    free(t.b.data);
    return 0;
}

static int write_for(enum network_manager m, const struct identity *id, int root, struct failure *f)
{
    switch (m) {
    case NETWORK_NETPLAN:
        return identity_netplan_write(id, root, f);
    case NETWORK_NM:
        return identity_nm_write(id, root, f);
    case NETWORK_NETWORKD:
        return identity_networkd_write(id, root, f) || identity_resolv_write(id, root, f) ? -1 : 0;
    case NETWORK_IFUPDOWN:
        return identity_ifupdown_write(id, root, f) || identity_resolv_write(id, root, f) ? -1 : 0;
    default:
        return fail(f, "identity",
                    "the deployed system has none of netplan, NetworkManager, systemd-networkd and ifupdown enabled: "
                    "nobody there would set up its network");
    }
}

int identity_network_write(const struct identity *id, int root, struct failure *f)
{
    enum network_manager m = identity_network_manager(root);

    if (!id->data->network_count)
        return 0;
    console_line("identity: network for %s", identity_network_manager_name(m));
    return identity_network_clear(root, f) ? -1 : write_for(m, id, root, f);
}
