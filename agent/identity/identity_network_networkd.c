/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "agent/identity/identity_network.h"

#define FOLDER "etc/systemd/network"

static void print_addresses(struct identity_draft *t, const struct identity_network *n)
{
    static const char *const dhcp[] = {"no", "ipv4", "ipv6", "yes"};

    identity_print(t, "DHCP=%s\n", dhcp[n->dhcp4 + 2 * n->dhcp6]);
    /* Who gives an IPv6 address does not want another one from a router. */
    if (identity_network_has(n, true) && !n->dhcp6)
        identity_print(t, "IPv6AcceptRA=no\n");
    for (unsigned i = 0; i < n->address_count; i++)
        identity_print(t, "Address=%s\n", n->addresses[i]);
    for (unsigned i = 0; i < n->gateway_count; i++)
        identity_print(t, "Gateway=%s\n", n->gateways[i]);
    for (unsigned i = 0; i < n->dns_count; i++)
        identity_print(t, "DNS=%s\n", n->dns[i]);
    for (unsigned i = 0; i < n->search_count; i++)
        identity_print(t, "Domains=%s\n", n->search[i]);
}

static int write_vlan(const struct identity_network *n, unsigned i, int root, struct failure *f)
{
    struct identity_draft device = {.failed = false}, network = {.failed = false};
    char name[64];

    identity_print(&device, "[NetDev]\nName=vlan%u\nKind=vlan\n\n[VLAN]\nId=%u\n", n->vlan, n->vlan);
    snprintf(name, sizeof(name), "00-slipway-%u-vlan.netdev", i);
    if (identity_file(root, FOLDER, name, &device, 0644, f))
        return -1;
    identity_print(&network, "[Match]\nName=vlan%u\n\n[Network]\n", n->vlan);
    print_addresses(&network, n);
    snprintf(name, sizeof(name), "00-slipway-%u-vlan.network", i);
    return identity_file(root, FOLDER, name, &network, 0644, f);
}

/* The first file that matches is the one that counts, so a card has one. A VLAN has the MAC of its card, but another
 * type. */
static int write_card(const struct identity *id, unsigned i, int root, struct failure *f)
{
    const struct identity_network *n = &id->data->networks[i];
    struct identity_draft t = {.failed = false};
    char mac[18], name[64];

    identity_network_mac(id, i, mac);
    identity_print(&t, "[Match]\nMACAddress=%s\nType=ether\n\n[Network]\n", mac);
    if (n->vlan)
        identity_print(&t, "DHCP=no\nLinkLocalAddressing=no\n");
    else
        print_addresses(&t, n);
    for (unsigned k = 0; k < id->data->network_count; k++)
        if (id->data->networks[k].vlan && identity_network_card(id, k) == i)
            identity_print(&t, "VLAN=vlan%u\n", id->data->networks[k].vlan);
    snprintf(name, sizeof(name), "00-slipway-%u.network", i);
    return identity_file(root, FOLDER, name, &t, 0644, f);
}

int identity_networkd_write(const struct identity *id, int root, struct failure *f)
{
    for (unsigned i = 0; i < id->data->network_count; i++) {
        const struct identity_network *n = &id->data->networks[i];
        if (identity_network_card(id, i) == i && write_card(id, i, root, f))
            return -1;
        if (n->vlan && write_vlan(n, i, root, f))
            return -1;
    }
    return 0;
}
