/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/identity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/ip_text.h"
#include "core/settings.h"
#include "server/identity_internal.h"
#include "server/names.h"

#define NETWORKS "networks"

static const struct {
    const char *key, *member;
    enum identity_text what;
    size_t max;
} lists[] = {
    {"gateway", "gateways", IDENTITY_ADDRESS, 2},
    {"dns", "dns", IDENTITY_ADDRESS, IDENTITY_LIST},
    {"search", "search", IDENTITY_DOMAIN, IDENTITY_LIST},
};

/* "dhcp", "dhcp4", "dhcp6" and addresses, in any order. */
static int set_address(json_t *network, const char *key, const char *value, struct refusal *r)
{
    char *copy = strdup(value), *rest = copy, *word, *addresses = calloc(1, strlen(value) + 2);
    bool four = false, six = false;
    int rc;

    while (copy && addresses && value[0] && (word = strsep(&rest, ","))) {
        if (strcmp(word, "dhcp") == 0 || strcmp(word, "dhcp4") == 0)
            four = true;
        else if (strcmp(word, "dhcp6") == 0)
            six = true;
        else
            (void)strcat(strcat(addresses, addresses[0] ? "," : ""), word);
    }
    rc = copy && addresses ? identity_set_list(network, "addresses", key, IDENTITY_CIDR, IDENTITY_LIST, addresses, r)
                           : refuse(r, 500, "internal", "out of memory");
    json_object_set_new(network, "dhcp4", json_boolean(four));
    json_object_set_new(network, "dhcp6", json_boolean(six));
    free(copy);
    free(addresses);
    return rc;
}

static int set_vlan(json_t *network, const char *key, const char *value, struct refusal *r)
{
    uint16_t vlan;

    if (!value[0]) {
        json_object_del(network, "vlan");
        return 0;
    }
    if (!settings_vlan(value, strlen(value), &vlan) || vlan == 0)
        return refuse(r, 400, "bad-request", "%.100s must be a number from 1 to %d", key, VLAN_ID_MAX);
    return json_object_set_new(network, "vlan", json_integer(vlan));
}

static int set_mac(json_t *network, const char *key, const char *value, struct refusal *r)
{
    char mac[MAC_TEXT] = "";

    if (value[0] && !name_mac(value, mac))
        return identity_refuse_value(r, key, IDENTITY_MAC);
    return identity_set_text(network, "mac", key, IDENTITY_MAC, mac, r);
}

/* Returns 1 when it is no key of a network. */
int identity_set_network(json_t *identity, const char *key, const char *value, struct refusal *r)
{
    const char *rest = key;
    size_t number = 1;
    char *end;

    if (strncmp(key, "net", 3) == 0 && key[3] >= '1' && key[3] <= '9') {
        number = strtoul(key + 3, &end, 10);
        if (*end != '.' || number > IDENTITY_NETWORKS)
            return 1;
        rest = end + 1;
    }
    if (strcmp(rest, "address") == 0)
        return set_address(identity_entry(identity, NETWORKS, number), key, value, r);
    if (strcmp(rest, "vlan") == 0)
        return set_vlan(identity_entry(identity, NETWORKS, number), key, value, r);
    if (strcmp(rest, "mac") == 0)
        return set_mac(identity_entry(identity, NETWORKS, number), key, value, r);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(lists[i].key, rest) == 0)
            return identity_set_list(identity_entry(identity, NETWORKS, number), lists[i].member, key, lists[i].what,
                                     lists[i].max, value, r);
    return 1;
}

static bool gateways_fit(const json_t *network)
{
    const json_t *list = json_object_get(network, "gateways");
    const char *first = json_string_value(json_array_get(list, 0)),
               *second = json_string_value(json_array_get(list, 1));

    return !second || ip_text_family(first, strlen(first)) != ip_text_family(second, strlen(second));
}

/* Without an address a card is not told anything about addresses: see identity_complete(). */
static void settle_network(json_t *network)
{
    bool asks = json_is_true(json_object_get(network, "dhcp4")) || json_is_true(json_object_get(network, "dhcp6"));

    if (!asks && json_array_size(json_object_get(network, "addresses")) == 0) {
        json_object_del(network, "dhcp4");
        json_object_del(network, "dhcp6");
    }
}

void identity_complete(json_t *identity)
{
    json_t *network;
    size_t i;

    json_array_foreach(json_object_get(identity, NETWORKS), i, network)
    {
        if (!json_object_get(network, "dhcp4"))
            json_object_set_new(network, "dhcp4", json_true());
    }
}

static bool is_same(const json_t *one, const json_t *other, const char *member)
{
    const json_t *a = json_object_get(one, member), *b = json_object_get(other, member);

    return (!a && !b) || (a && b && json_equal(a, b));
}

/* No system can set these up beside each other. Without a MAC it is the card that the machine boots from. */
static int refuse_clashes(const json_t *list, struct refusal *r)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < i; k++) {
            const json_t *one = json_array_get(list, k), *other = json_array_get(list, i);
            bool tagged = json_object_get(other, "vlan") != NULL;
            if (!is_same(one, other, "vlan") || (!tagged && !is_same(one, other, "mac")))
                continue;
            return refuse(r, 400, "bad-request", "networks %zu and %zu are both %s", k + 1, i + 1,
                          tagged ? "the same VLAN" : "for one card: give the second a mac or a vlan");
        }
    return 0;
}

int identity_settle_networks(json_t *identity, struct refusal *r)
{
    json_t *list = json_object_get(identity, NETWORKS), *network;
    size_t i;

    json_array_foreach(list, i, network)
    {
        settle_network(network);
        if (!gateways_fit(network))
            return refuse(r, 400, "bad-request", "gateway: one for IPv4 and one for IPv6 at most");
    }
    while (json_array_size(list) > 0 && json_object_size(json_array_get(list, json_array_size(list) - 1)) == 0)
        json_array_remove(list, json_array_size(list) - 1);
    json_array_foreach(list, i, network)
    {
        if (json_object_size(network) == 0)
            return refuse(r, 400, "bad-request", "net%zu has nothing, and a network behind it has something", i + 1);
    }
    return refuse_clashes(list, r);
}
