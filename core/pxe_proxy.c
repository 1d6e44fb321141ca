/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state PXE_PROXY: a DHCPREQUEST to UDP 4011 of the server whose offer had no boot file. */
#include "core/pxe_internal.h"

/* EDK2's pauses. */
static const uint16_t waits_ms[] = {1000, 2000, 3000, 4000};
/* The firmware had an answer from there a moment ago: if none comes within a second, the network has changed. */
static const uint16_t cache_waits_ms[] = {250, 250, 500};

static void proxy_send(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    c->wake_ms = now_ms + (c->p.from_cache ? cache_waits_ms : waits_ms)[c->p.tries++];
    pxe_send_proxy_request(c, c->p.asked, out);
}

void pxe_proxy_begin(struct pxe_client *c, struct ip4 server, uint64_t now_ms, struct pxe_output *out)
{
    c->state = PXE_PROXY;
    c->p.asked = server;
    c->p.secs = 0;
    c->p.tries = 0;
    pxe_new_xid(c);
    proxy_send(c, now_ms, out);
}

void pxe_proxy_packet(struct pxe_client *c, struct ip4 src, uint64_t now_ms, struct pxe_output *out)
{
    enum dhcp_message message = dhcp_packet_message(&c->p.received);
    struct ip4 id = dhcp_packet_ip4(&c->p.received, DHCP_OPTION_SERVER_ID);

    /* PXE 2.1 wants a DHCPACK; iPXE takes an OFFER as well because some servers send their offer again. */
    if (message != DHCP_ACK && message != DHCP_OFFER)
        return;
    if (!ip4_equal(src, c->p.asked) && !ip4_equal(id, c->p.asked))
        return;
    c->p.reply = c->p.received;
    if (c->p.from_cache && !pxe_has_boot_data(&c->p.reply)) {
        pxe_lease_begin(c, now_ms, out);
        return;
    }
    pxe_boot_data(c, &c->p.reply, src, true, now_ms, out);
}

/* Another ProxyDHCP; one with boot data in its offer would not have been asked in the first place. */
static bool ask_another(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    while (c->p.proxy_next < c->p.proxy_count) {
        struct ip4 server = c->p.proxies[c->p.proxy_next++];

        if (!ip4_equal(server, c->p.asked)) {
            pxe_proxy_begin(c, server, now_ms, out);
            return true;
        }
    }
    return false;
}

void pxe_proxy_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    size_t most = c->p.from_cache ? sizeof(cache_waits_ms) / 2 : sizeof(waits_ms) / 2;
    struct text t;

    if (c->p.tries < most) {
        proxy_send(c, now_ms, out);
    } else if (c->p.from_cache) {
        pxe_lease_begin(c, now_ms, out);
    } else if (!ask_another(c, now_ms, out)) {
        pxe_fail(c, PXE_E55, c->p.asked, &t);
        /* dnsmasq 2.90 that gives the address too, with one matching pxe-service for UEFI: it sends "PXEClient" without
         * file and menu, and listens on 4011 without ever answering. No client can boot from that. */
        text_string(&t, ip4_equal(c->p.asked, c->p.ip_offer.server)
                            ? "an address and \"PXEClient\" without a boot file, but no answer to "
                            : "its offer on 67, but no answer to ");
        text_unsigned(&t, c->p.tries);
        text_string(&t, " requests to UDP 4011");
    }
}
