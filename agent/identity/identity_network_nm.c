/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "agent/identity/identity_network.h"

#define FOLDER "etc/NetworkManager/system-connections"

/* A connection's UUID need only be its own: the card's MAC is in it, and the VLAN. */
static void print_uuid(struct identity_draft *t, const char *key, const char *mac, unsigned vlan)
{
    identity_print(t, "%s=510b3a90-%04x-4000-8000-%.2s%.2s%.2s%.2s%.2s%.2s\n", key, vlan, mac, mac + 3, mac + 6,
                   mac + 9, mac + 12, mac + 15);
}

static void print_lists(struct identity_draft *t, const struct identity_network *n, bool v6)
{
    const char *gateway = identity_network_gateway(n, v6);
    unsigned count = 0, servers = 0;

    for (unsigned i = 0; i < n->address_count; i++)
        if (identity_network_is_v6(n->addresses[i]) == v6)
            identity_print(t, "address%u=%s\n", ++count, n->addresses[i]);
    if (gateway)
        identity_print(t, "gateway=%s\n", gateway);
    for (unsigned i = 0; i < n->dns_count; i++)
        if (identity_network_is_v6(n->dns[i]) == v6)
            identity_print(t, "%s%s;", servers++ ? "" : "dns=", n->dns[i]);
    if (servers)
        identity_print(t, "\n");
    for (unsigned i = 0; i < n->search_count; i++)
        identity_print(t, "%s%s;", i ? "" : "dns-search=", n->search[i]);
    if (n->search_count)
        identity_print(t, "\n");
}

/* NetworkManager does DHCPv6 when a router says so: its "auto". */
static void print_families(struct identity_draft *t, const struct identity_network *n)
{
    bool manual4 = identity_network_has(n, false), manual6 = identity_network_has(n, true);

    identity_print(t, "\n[ipv4]\nmethod=%s\n", n->dhcp4 ? "auto" : manual4 ? "manual" : "disabled");
    if (n->dhcp4 || manual4)
        print_lists(t, n, false);
    identity_print(t, "\n[ipv6]\nmethod=%s\n", manual6 && !n->dhcp6 ? "manual" : "auto");
    print_lists(t, n, true);
}

static int write_vlan(const struct identity_network *n, unsigned i, const char *mac, int root, struct failure *f)
{
    struct identity_draft t = {.failed = false};
    char name[64];

    identity_print(&t, "[connection]\nid=slipway-%u-vlan%u\n", i, n->vlan);
    print_uuid(&t, "uuid", mac, n->vlan);
    identity_print(&t, "type=vlan\ninterface-name=vlan%u\n\n[vlan]\nid=%u\n", n->vlan, n->vlan);
    print_uuid(&t, "parent", mac, 0);
    print_families(&t, n);
    snprintf(name, sizeof(name), "slipway-%u-vlan.nmconnection", i);
    return identity_file(root, FOLDER, name, &t, 0600, f);
}

/* Keyfiles that others may read are ignored. */
static int write_card(const struct identity_network *n, unsigned i, const char *mac, int root, struct failure *f)
{
    struct identity_draft t = {.failed = false};
    char name[64];

    identity_print(&t, "[connection]\nid=slipway-%u\n", i);
    print_uuid(&t, "uuid", mac, 0);
    identity_print(&t, "type=ethernet\nautoconnect-priority=100\n\n[ethernet]\nmac-address=%s\n", mac);
    if (n->vlan)
        identity_print(&t, "\n[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=disabled\n");
    else
        print_families(&t, n);
    snprintf(name, sizeof(name), "slipway-%u.nmconnection", i);
    return identity_file(root, FOLDER, name, &t, 0600, f);
}

/* A VLAN finds its card's connection by the MAC in the UUID. */
int identity_nm_write(const struct identity *id, int root, struct failure *f)
{
    for (unsigned i = 0; i < id->data->network_count; i++) {
        const struct identity_network *n = &id->data->networks[i];
        char mac[18];
        identity_network_mac(id, i, mac);
        if (identity_network_card(id, i) == i && write_card(n, i, mac, root, f))
            return -1;
        if (n->vlan && write_vlan(n, i, mac, root, f))
            return -1;
    }
    return 0;
}
