/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/tree.h"
#include "agent/identity/identity_network.h"

/* One stanza for each address; name servers are for the package resolvconf. */
static void print_family(struct identity_draft *t, const struct identity_network *n, const char *name, bool v6)
{
    const char *family = v6 ? "inet6" : "inet", *gateway = identity_network_gateway(n, v6);
    bool dhcp = v6 ? n->dhcp6 : n->dhcp4;

    if (dhcp)
        identity_print(t, "\niface %s %s dhcp\n", name, family);
    for (unsigned i = 0; i < n->address_count; i++) {
        if (identity_network_is_v6(n->addresses[i]) != v6)
            continue;
        identity_print(t, "\niface %s %s static\n\taddress %s\n", name, family, n->addresses[i]);
        if (gateway)
            identity_print(t, "\tgateway %s\n", gateway);
        gateway = NULL;
    }
}

static void print_options(struct identity_draft *t, const struct identity_network *n)
{
    for (unsigned i = 0; i < n->dns_count; i++)
        identity_print(t, "%s%s", i ? " " : "\tdns-nameservers ", n->dns[i]);
    if (n->dns_count)
        identity_print(t, "\n");
    for (unsigned i = 0; i < n->search_count; i++)
        identity_print(t, "%s%s", i ? " " : "\tdns-search ", n->search[i]);
    if (n->search_count)
        identity_print(t, "\n");
}

static void print_addresses(struct identity_draft *t, const struct identity_network *n, const char *name)
{
    if (!n->dhcp4 && !n->dhcp6 && !n->address_count)
        identity_print(t, "\niface %s inet manual\n", name);
    print_family(t, n, name, false);
    print_family(t, n, name, true);
    print_options(t, n);
}

/* Behind the last stanza of the card. */
static void print_vlans(struct identity_draft *t, const struct identity *id, unsigned card)
{
    for (unsigned i = 0; i < id->data->network_count; i++)
        if (id->data->networks[i].vlan && identity_network_card(id, i) == card)
            identity_print(t, "\tup ifup $IFACE.%u=slipway%uv\n", id->data->networks[i].vlan, i);
}

/* interfaces(5), "Pattern matching interfaces": a card by its MAC, under a name of ours; a VLAN by a dot in the name of
 * the card that it is started on. */
static void print_network(struct identity_draft *t, const struct identity *id, unsigned i)
{
    const struct identity_network *n = &id->data->networks[i];
    char mac[18], name[32];

    identity_network_mac(id, i, mac);
    snprintf(name, sizeof(name), "slipway%u%s", i, n->vlan ? "v" : "");
    if (identity_network_card(id, i) == i) {
        identity_print(t, "\nauto mac/%s=slipway%u\n", mac, i);
        if (n->vlan)
            identity_print(t, "\niface slipway%u inet manual\n\tup ip link set dev $IFACE up\n", i);
        else
            print_addresses(t, n, name);
        print_vlans(t, id, i);
    }
    if (n->vlan)
        print_addresses(t, n, name);
}

/* Not one that an earlier deploy has made. */
static int put_away(int root, struct failure *f)
{
    struct identity_draft old;
    bool ours;

    if (identity_read(root, "etc/network/interfaces", &old, f))
        return -1;
    ours = !strncmp((const char *)old.b.data, IDENTITY_INTERFACES_HEAD, strlen(IDENTITY_INTERFACES_HEAD));
    if (old.b.size && !ours)
        return identity_file(root, "etc/network", IDENTITY_DISABLED "interfaces", &old, 0644, f);
    free(old.b.data);
    return 0;
}

int identity_ifupdown_write(const struct identity *id, int root, struct failure *f)
{
    struct identity_draft t = {.failed = false};

    if (put_away(root, f))
        return -1;
    identity_print(&t, IDENTITY_INTERFACES_HEAD "source /etc/network/interfaces.d/*\n\nauto lo\niface lo "
                                                "inet loopback\n");
    for (unsigned i = 0; i < id->data->network_count; i++)
        print_network(&t, id, i);
    return identity_file(root, "etc/network", "interfaces", &t, 0644, f);
}
