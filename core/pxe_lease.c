/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states PXE_SELECTING and PXE_REQUESTING: DISCOVER, OFFER, REQUEST, ACK or NAK. What comes of an ACK. */
#include "core/pxe_internal.h"

static const struct ip4 NOBODY = {{0, 0, 0, 0}};
/* PXE 2.1 2.2.3: four DISCOVERs. */
static const uint8_t boot_waits_s[] = {4, 8, 16, 32};
/* Without PXE there is nobody to wait for but the server; the caller begins again after half a minute. */
static const uint8_t plain_waits_s[] = {1, 2, 4, 8, 8, 8};
static const uint8_t request_waits_s[] = {1, 2, 4, 8};

static void send_discover(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    const uint8_t *waits = c->config.want_boot ? boot_waits_s : plain_waits_s;

    c->p.secs = (uint16_t)((uint32_t)(now_ms - c->p.started_ms) / 1000);
    c->p.resend_ms = now_ms + waits[c->p.tries++] * 1000u;
    pxe_send_discover(c, out);
}

static void selecting_set_wake(struct pxe_client *c)
{
    uint64_t deadline = pxe_offer_deadline(c);

    c->wake_ms = deadline < c->p.resend_ms ? deadline : c->p.resend_ms;
}

void pxe_lease_begin(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    c->state = PXE_SELECTING;
    c->p.started_ms = now_ms;
    c->p.tries = 0;
    c->p.from_cache = false;
    c->p.cached_menu = false;
    c->p.item_server = NOBODY;
    c->p.ip_offer.packet.size = 0;
    c->p.proxy_offer.packet.size = 0;
    c->p.proxy_count = c->p.proxy_next = 0;
    pxe_new_xid(c);
    send_discover(c, now_ms, out);
    selecting_set_wake(c);
}

static void lease_restart(struct pxe_client *c, const char *received, uint64_t now_ms, struct pxe_output *out)
{
    struct text t;

    if (c->p.restarts < PXE_RESTARTS) {
        c->p.restarts++;
        pxe_lease_begin(c, now_ms, out);
        return;
    }
    pxe_fail(c, PXE_E51, c->p.ip_offer.server, &t);
    text_string(&t, received);
}

static void no_lease(struct pxe_client *c)
{
    struct text t;

    if (c->p.proxy_offer.packet.size > 0) {
        pxe_fail(c, PXE_E52, c->p.proxy_offer.server, &t);
        text_string(&t, "ProxyDHCP offer only, ");
    } else {
        pxe_fail(c, PXE_E51, NOBODY, &t);
    }
    text_string(&t, "no address in answer to ");
    text_unsigned(&t, c->p.tries);
    text_string(&t, " DHCPDISCOVERs");
}

/* The packet with more PXE data in it: some servers put it into the offer only, some into the ACK only. */
static void boot_from_ip_server(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    enum pxe_data in_ack = pxe_classify(&c->p.ack), in_offer = c->p.ip_offer.data;
    const struct dhcp_packet *p = in_ack >= in_offer ? &c->p.ack : &c->p.ip_offer.packet;
    enum pxe_data data = in_ack >= in_offer ? in_ack : in_offer;
    struct text t;

    if (data == PXE_DATA_BINL) {
        pxe_proxy_begin(c, c->p.ip_offer.server, now_ms, out);
    } else if (data != PXE_DATA_NONE) {
        pxe_boot_data(c, p, c->p.ip_offer.server, false, now_ms, out);
    } else {
        pxe_fail(c, PXE_E53, c->p.ip_offer.server, &t);
        text_string(&t, "an address but no boot file name; no ProxyDHCP answered");
    }
}

void pxe_lease_accept(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    pxe_net_from_ack(&c->net, &c->p.ack);
    c->net.dhcp_server = c->p.ip_offer.server;
    out->configure = true;
    if (!c->config.want_boot)
        pxe_done(c, NULL, NOBODY);
    else if (!pxe_offer_prefers_proxy(c))
        boot_from_ip_server(c, now_ms, out);
    else if (c->p.proxy_offer.data == PXE_DATA_BINL)
        pxe_proxy_begin(c, c->p.proxy_offer.server, now_ms, out);
    else
        pxe_boot_data(c, &c->p.proxy_offer.packet, c->p.proxy_offer.server, false, now_ms, out);
}

static void leased(struct pxe_client *c, const struct dhcp_packet *ack, uint64_t now_ms, struct pxe_output *out)
{
    /* The firmware has used the address already; BOOTP has no way to decline one. */
    bool is_old = ip4_equal(dhcp_packet_yiaddr(ack), c->net.address);

    c->p.ack = *ack;
    if (c->config.can_probe && !is_old && dhcp_packet_message(ack) == DHCP_ACK)
        pxe_probe_begin(c, now_ms, out);
    else
        pxe_lease_accept(c, now_ms, out);
}

static void send_request(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    c->wake_ms = now_ms + request_waits_s[c->p.tries++] * 1000u;
    pxe_send_request(c, out);
}

static void offers_chosen(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    /* BOOTP has no second round: its reply is the lease. */
    if (dhcp_packet_message(&c->p.ip_offer.packet) == DHCP_NO_MESSAGE) {
        leased(c, &c->p.ip_offer.packet, now_ms, out);
        return;
    }
    c->state = PXE_REQUESTING;
    c->p.tries = 0;
    send_request(c, now_ms, out);
}

void pxe_selecting_packet(struct pxe_client *c, struct ip4 src, uint64_t now_ms, struct pxe_output *out)
{
    if (!pxe_offer_take(c, &c->p.received, src, now_ms))
        return;
    if (pxe_offer_complete(c))
        offers_chosen(c, now_ms, out);
    else
        selecting_set_wake(c);
}

void pxe_selecting_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    size_t most = c->config.want_boot ? sizeof(boot_waits_s) : sizeof(plain_waits_s);

    if (now_ms >= pxe_offer_deadline(c)) {
        offers_chosen(c, now_ms, out);
    } else if (c->p.tries < most) {
        send_discover(c, now_ms, out);
        selecting_set_wake(c);
    } else if (c->p.ip_offer.packet.size > 0) {
        c->wake_ms = pxe_offer_deadline(c);
    } else {
        no_lease(c);
    }
}

void pxe_requesting_packet(struct pxe_client *c, struct ip4 src, uint64_t now_ms, struct pxe_output *out)
{
    enum dhcp_message message = dhcp_packet_message(&c->p.received);

    if (pxe_offer_take_proxy(c, &c->p.received, src))
        return;
    if (!ip4_equal(pxe_server_of(&c->p.received, c->p.ip_offer.server), c->p.ip_offer.server))
        return;
    if (message == DHCP_ACK && pxe_is_host_address(dhcp_packet_yiaddr(&c->p.received)))
        leased(c, &c->p.received, now_ms, out);
    else if (message == DHCP_NAK)
        lease_restart(c, "DHCPNAK: the server takes its own offer back", now_ms, out);
}

void pxe_requesting_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    if (c->p.tries < sizeof(request_waits_s))
        send_request(c, now_ms, out);
    else
        lease_restart(c, "an offer, but no DHCPACK to the DHCPREQUEST", now_ms, out);
}
