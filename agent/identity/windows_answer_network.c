/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/console.h"
#include "agent/identity/windows_answer_internal.h"

#define MAC_TEXT 18

/* How Windows Setup names a card: 52-54-00-12-34-56. Returns false when nobody knows which card is meant. */
static bool card(const struct windows_answer *a, const struct identity_network *n, char ret[MAC_TEXT])
{
    const char *mac = n->mac[0] ? n->mac : a->id->boot_mac;

    if (strlen(mac) != MAC_TEXT - 1)
        return false;
    for (unsigned i = 0; i < MAC_TEXT; i++)
        ret[i] = mac[i] == ':' ? '-' : (char)toupper((unsigned char)mac[i]);
    return true;
}

/* DHCP is what Windows does by itself, for IPv4 and, where routers ask for it, for IPv6. */
static bool needs_tcpip(const struct identity_network *n)
{
    return n->address_count || n->gateway_count || !n->dhcp4;
}

static bool has_ipv6(const struct identity_network *n)
{
    for (unsigned i = 0; i < n->address_count; i++)
        if (strchr(n->addresses[i], ':'))
            return true;
    return n->dhcp6;
}

static void put_list(struct windows_answer *a, const char *name, const char *entry, const char *const *list,
                     unsigned count)
{
    char key[12];

    if (!count)
        return;
    xml_open(&a->xml, name, NULL);
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "%u", i + 1);
        xml_value_with(&a->xml, entry, list[i], WINDOWS_ADD, "wcm:keyValue", key, NULL);
    }
    xml_close(&a->xml);
}

static void put_routes(struct windows_answer *a, const struct identity_network *n)
{
    char number[12];

    if (!n->gateway_count)
        return;
    xml_open(&a->xml, "Routes", NULL);
    for (unsigned i = 0; i < n->gateway_count; i++) {
        snprintf(number, sizeof(number), "%u", i + 1);
        xml_open(&a->xml, "Route", WINDOWS_ADD, NULL);
        xml_value(&a->xml, "Identifier", number);
        xml_value(&a->xml, "NextHopAddress", n->gateways[i]);
        xml_value(&a->xml, "Prefix", strchr(n->gateways[i], ':') ? "::/0" : "0.0.0.0/0");
        xml_close(&a->xml);
    }
    xml_close(&a->xml);
}

/* The order counts here: Ipv4Settings, Ipv6Settings, Identifier, UnicastIpAddresses, Routes. */
static void put_interface(struct windows_answer *a, const struct identity_network *n, const char *identifier)
{
    xml_open(&a->xml, "Interface", WINDOWS_ADD, NULL);
    xml_open(&a->xml, "Ipv4Settings", NULL);
    xml_value(&a->xml, "DhcpEnabled", n->dhcp4 ? "true" : "false");
    xml_close(&a->xml);
    if (has_ipv6(n)) {
        xml_open(&a->xml, "Ipv6Settings", NULL);
        xml_value(&a->xml, "DhcpEnabled", n->dhcp6 ? "true" : "false");
        xml_close(&a->xml);
    }
    xml_value(&a->xml, "Identifier", identifier);
    put_list(a, "UnicastIpAddresses", "IpAddress", n->addresses, n->address_count);
    put_routes(a, n);
    xml_close(&a->xml);
}

static void put_tcpip(struct windows_answer *a)
{
    char identifier[MAC_TEXT];
    bool opened = false;

    for (unsigned i = 0; i < a->id->data->network_count; i++) {
        const struct identity_network *n = &a->id->data->networks[i];
        if (!needs_tcpip(n) || n->vlan || !card(a, n, identifier))
            continue;
        if (!opened) {
            windows_answer_component(a, "Microsoft-Windows-TCPIP");
            xml_open(&a->xml, "Interfaces", NULL);
            opened = true;
        }
        put_interface(a, n, identifier);
    }
    if (opened) {
        xml_close(&a->xml);
        xml_close(&a->xml);
    }
}

/* The suffixes are one list for the whole machine. */
static const struct identity_network *with_search(const struct windows_answer *a)
{
    for (unsigned i = 0; i < a->id->data->network_count; i++)
        if (a->id->data->networks[i].search_count)
            return &a->id->data->networks[i];
    return NULL;
}

static bool has_servers(const struct windows_answer *a)
{
    char identifier[MAC_TEXT];

    for (unsigned i = 0; i < a->id->data->network_count; i++) {
        const struct identity_network *n = &a->id->data->networks[i];
        if (n->dns_count && !n->vlan && card(a, n, identifier))
            return true;
    }
    return false;
}

static void put_servers(struct windows_answer *a)
{
    char identifier[MAC_TEXT];

    xml_open(&a->xml, "Interfaces", NULL);
    for (unsigned i = 0; i < a->id->data->network_count; i++) {
        const struct identity_network *n = &a->id->data->networks[i];
        if (!n->dns_count || n->vlan || !card(a, n, identifier))
            continue;
        xml_open(&a->xml, "Interface", WINDOWS_ADD, NULL);
        xml_value(&a->xml, "Identifier", identifier);
        put_list(a, "DNSServerSearchOrder", "IpAddress", n->dns, n->dns_count);
        xml_close(&a->xml);
    }
    xml_close(&a->xml);
}

static void put_dns(struct windows_answer *a)
{
    const struct identity_network *search = with_search(a);
    const char *domain = a->id->data->domain;

    if (!search && !domain[0] && !has_servers(a))
        return;
    windows_answer_component(a, "Microsoft-Windows-DNS-Client");
    if (domain[0])
        xml_value(&a->xml, "DNSDomain", domain);
    if (search)
        put_list(a, "DNSSuffixSearchOrder", "DomainName", search->search, search->search_count);
    if (has_servers(a))
        put_servers(a);
    xml_close(&a->xml);
}

static void tell_what_is_left_out(const struct windows_answer *a)
{
    char identifier[MAC_TEXT];

    for (unsigned i = 0; i < a->id->data->network_count; i++) {
        const struct identity_network *n = &a->id->data->networks[i];
        if (n->vlan)
            console_alert("identity: network %u with VLAN %u: an answer file cannot set up a VLAN in Windows, left out",
                          i + 1, n->vlan);
        else if (!card(a, n, identifier))
            console_alert("identity: network %u: which card is meant is not known, left out", i + 1);
    }
}

void windows_answer_network(struct windows_answer *a)
{
    tell_what_is_left_out(a);
    put_tcpip(a);
    put_dns(a);
}
