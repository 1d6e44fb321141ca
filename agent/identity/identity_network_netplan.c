/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "agent/identity/identity_network.h"

static json_t *strings(const char *const *list, unsigned count)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

static json_t *routes(const struct identity_network *n)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < n->gateway_count; i++)
        json_array_append_new(array, json_pack("{s:s, s:s}", "to",
                                               identity_network_is_v6(n->gateways[i]) ? "::/0" : "0.0.0.0/0", "via",
                                               n->gateways[i]));
    return array;
}

/* netplan warns of gateway4 and gateway6; cloud-init 22.4 makes a route to ::/64 of one to ::/0 and refuses "default".
 */
static void add_gateways(json_t *o, const struct identity_network *n, bool cloud)
{
    for (unsigned i = 0; cloud && i < n->gateway_count; i++)
        json_object_set_new(o, identity_network_is_v6(n->gateways[i]) ? "gateway6" : "gateway4",
                            json_string(n->gateways[i]));
    if (!cloud && n->gateway_count)
        json_object_set_new(o, "routes", routes(n));
}

/* What belongs to an address, on a card or on a VLAN. */
static void add_addresses(json_t *o, const struct identity_network *n, bool cloud)
{
    json_object_set_new(o, "dhcp4", json_boolean(n->dhcp4));
    json_object_set_new(o, "dhcp6", json_boolean(n->dhcp6));
    if (n->address_count)
        json_object_set_new(o, "addresses", strings(n->addresses, n->address_count));
    add_gateways(o, n, cloud);
    if (n->dns_count || n->search_count)
        json_object_set_new(o, "nameservers",
                            json_pack("{s:o, s:o}", "addresses", strings(n->dns, n->dns_count), "search",
                                      strings(n->search, n->search_count)));
}

/* A VLAN names its card, and cloud-init hands that name on to managers that know no other: so the card has to be called
 * so. All other cards keep the name that the system gives them. */
static void add_network(const struct identity *id, unsigned i, bool cloud, json_t *cards, json_t *vlans)
{
    const struct identity_network *n = &id->data->networks[i];
    char mac[18], name[16], vlan[16];
    json_t *card;

    identity_network_mac(id, i, mac);
    snprintf(name, sizeof(name), "lan%u", identity_network_card(id, i));
    card = json_object_get(cards, name);
    if (!card) {
        card = json_pack("{s:{s:s}}", "match", "macaddress", mac);
        json_object_set_new(cards, name, card);
    }
    if (!n->vlan) {
        add_addresses(card, n, cloud);
        return;
    }
    snprintf(vlan, sizeof(vlan), "vlan%u", n->vlan);
    json_object_set_new(card, "set-name", json_string(name));
    if (!json_object_get(card, "dhcp4"))
        json_object_set_new(card, "dhcp4", json_false());
    card = json_pack("{s:i, s:s}", "id", (int)n->vlan, "link", name);
    json_object_set_new(vlans, vlan, card);
    add_addresses(card, n, cloud);
}

json_t *identity_network_plan(const struct identity *id, bool cloud)
{
    json_t *cards = json_object(), *vlans = json_object();
    json_t *plan = json_pack("{s:i, s:o}", "version", 2, "ethernets", cards);

    for (unsigned i = 0; i < id->data->network_count; i++)
        add_network(id, i, cloud, cards, vlans);
    if (json_object_size(vlans))
        json_object_set(plan, "vlans", vlans);
    json_decref(vlans);
    return plan;
}

/* JSON is YAML, with quotes that need no second thought. */
int identity_netplan_write(const struct identity *id, int root, struct failure *f)
{
    struct identity_draft t = {.failed = false};
    json_t *plan = identity_network_plan(id, false), *file;
    char *text;

    json_object_set_new(plan, "renderer", json_string(identity_network_has_nm(root) ? "NetworkManager" : "networkd"));
    file = json_pack("{s:o}", "network", plan);
    text = json_dumps(file, JSON_INDENT(1));
    json_decref(file);
    if (text)
        identity_print(&t, "%s\n", text);
    t.failed = t.failed || !text;
    free(text);
    return identity_file(root, "etc/netplan", "01-slipway.yaml", &t, 0600, f);
}
