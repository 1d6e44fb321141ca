/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/base/console.h"
#include "agent/kernel/modules.h"
#include "agent/net/arp_probe.h"
#include "agent/net/dhcp.h"
#include "agent/net/pci_report.h"
#include "core/text.h"

#define INTERFACES_MAX 16
#define POLL_MS 10
#define COMPLAIN_MS 5000
/* A card that should be there by its MAC but is not: after this any card with a link will do. */
#define OTHER_CARD_MS 15000

struct search {
    bool by_mac;
    uint8_t mac[6];
    unsigned waited_ms;
    unsigned next; /* where to begin, so that a card without DHCP does not hide the others */
};

static void pause_ms(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
}

static void complain(const struct net_interface *all, unsigned count)
{
    if (count == 0) {
        console_alert("no network card that automation has a driver for; waiting for one");
        pci_report_unbound_network();
        return;
    }
    for (unsigned i = 0; i < count; i++)
        console_alert("no link on %s: check the cable and the switch; waiting", all[i].name);
}

/* Looks once. Every card is brought up: without that there is no link to be seen. */
static bool find_interface(struct search *s, struct net_interface *ret)
{
    struct net_interface all[INTERFACES_MAX];
    unsigned count = net_interface_list(all, INTERFACES_MAX), i;
    bool by_mac = s->by_mac && s->waited_ms < OTHER_CARD_MS;

    for (unsigned k = 0; k < count; k++) {
        i = (s->next + k) % count;
        if (by_mac && memcmp(all[i].mac, s->mac, 6) != 0)
            continue;
        net_interface_up(all[i].name);
        if (!net_interface_has_link(all[i].name))
            continue;
        *ret = all[i];
        s->next = i + 1;
        return true;
    }
    if (s->waited_ms == COMPLAIN_MS)
        complain(all, count);
    return false;
}

static void wait_for_interface(struct search *s, struct net_interface *ret)
{
    char mac[18];
    struct text t;

    for (s->waited_ms = 0; !find_interface(s, ret); s->waited_ms += POLL_MS)
        pause_ms(POLL_MS);
    text_init(&t, mac, sizeof(mac));
    text_mac(&t, ret->mac, ':');
    console_line("network: %s %s, link up", ret->name, mac);
}

static void write_resolv_conf(const struct net_config *c)
{
    FILE *file = fopen("/etc/resolv.conf", "we");
    char address[16];
    struct text t;

    if (!file)
        return; /* names do not resolve then; the server is nearly always an address */
    if (c->domain[0])
        fprintf(file, "search %s\n", c->domain);
    for (unsigned i = 0; i < 2; i++) {
        if (ip4_is_zero(c->dns[i]))
            continue;
        text_init(&t, address, sizeof(address));
        text_ip4(&t, c->dns[i]);
        fprintf(file, "nameserver %s\n", address);
    }
    fclose(file);
}

static void announce(const struct net_config *c)
{
    char line[96];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "network: address ");
    text_ip4(&t, c->address);
    if (!ip4_is_zero(c->gateway)) {
        text_string(&t, ", gateway ");
        text_ip4(&t, c->gateway);
    }
    console_line("%s", line);
}

/* From here on the interface is that of the VLAN, with the same MAC. */
static bool join_vlan(unsigned vlan, struct net_interface *interface)
{
    char name[IFNAMSIZ];

    modules_load("8021q");
    if (!net_interface_join_vlan(interface->name, vlan, name)) {
        console_alert("network: cannot join VLAN %u on %s: %s", vlan, interface->name, strerror(errno));
        return false;
    }
    strcpy(interface->name, name);
    console_line("network: VLAN %u, %s", vlan, name);
    return true;
}

/* The address that the boot client had. It may be the firmware's lease, which nobody has probed yet. */
static bool take_address(const char *cmdline, struct net *n)
{
    uint8_t mac[6];
    bool has_mac;

    if (!net_config_parse(cmdline, &n->config, mac, &has_mac))
        return false;
    if (!arp_probe_finds_owner(n->interface.name, n->interface.mac, n->config.address, mac))
        return true;
    console_alert("network: address %u.%u.%u.%u is in use by %02x:%02x:%02x:%02x:%02x:%02x", n->config.address.b[0],
                  n->config.address.b[1], n->config.address.b[2], n->config.address.b[3], mac[0], mac[1], mac[2],
                  mac[3], mac[4], mac[5]);
    return false;
}

static bool configure(const char *cmdline, struct net *n)
{
    struct failure f;
    unsigned vlan = net_config_vlan(cmdline);

    if (vlan && !join_vlan(vlan, &n->interface))
        return false;
    n->handed = take_address(cmdline, n);
    if (!n->handed) {
        console_line("network: asking for an address on %s (DHCP)", n->interface.name);
        memset(&n->config, 0, sizeof(n->config));
        if (dhcp_run(n->interface.name, n->interface.mac, &n->config, &f) != 0) {
            console_alert("network: %s: %s", n->interface.name, f.message);
            return false;
        }
    }
    if (!net_interface_configure(n->interface.name, &n->config)) {
        console_alert("network: cannot set the address of %s: %s", n->interface.name, strerror(errno));
        return false;
    }
    return true;
}

/* BOOTIF=01-aa-bb-..., which may be there without an ip=. */
static void read_boot_mac(const char *cmdline, struct search *s)
{
    char value[24];
    unsigned b[6];

    s->by_mac = cmdline_value(cmdline, "BOOTIF", value, sizeof(value)) &&
                sscanf(value, "01-%2x-%2x-%2x-%2x-%2x-%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) == 6;
    for (unsigned i = 0; s->by_mac && i < 6; i++)
        s->mac[i] = (uint8_t)b[i];
}

void net_start(const char *cmdline, struct net *ret)
{
    struct search s = {0};

    memset(ret, 0, sizeof(*ret));
    read_boot_mac(cmdline, &s);
    do {
        wait_for_interface(&s, &ret->interface);
    } while (!configure(cmdline, ret) && (pause_ms(1000), true));
    announce(&ret->config);
    write_resolv_conf(&ret->config);
}
