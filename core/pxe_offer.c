/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which offers to keep and which of them to take. */
#include "core/pxe_internal.h"

/* PXE 2.1 2.2.3: an address without PXE data waits for a ProxyDHCP through the first two timeouts, 4 s and 8 s. */
#define PROXY_WAIT_MS 12000
/* A plain file name boots by itself; what a ProxyDHCP says is still preferred if it comes as soon as they do. */
#define PROXY_GRACE_MS 2000

enum pxe_data pxe_classify(const struct dhcp_packet *p)
{
    uint8_t option43[DHCP_PACKET_MAX];
    char file[DHCP_FILE_MAX];
    struct pxe_vendor vendor;
    bool has_file = dhcp_packet_file(p, file);
    size_t size = 0;

    if (!dhcp_packet_is_pxe(p)) {
        if (!has_file)
            return PXE_DATA_NONE;
        return dhcp_packet_message(p) == DHCP_NO_MESSAGE ? PXE_DATA_BOOTP : PXE_DATA_FILE;
    }
    if (!dhcp_packet_option(p, DHCP_OPTION_VENDOR, option43, sizeof(option43), &size))
        size = 0;
    pxe_vendor_parse(&vendor, option43, size);
    if (vendor.menu.data || vendor.servers.data)
        return PXE_DATA_PXE;
    if (!has_file)
        return PXE_DATA_BINL;
    return vendor.has_mtftp && !vendor.has_discovery ? PXE_DATA_MTFTP : PXE_DATA_PXE;
}

/* Servers that were not asked for PXE are taken as they come: the first valid one. */
static void offer_keep(struct pxe_offer *best, const struct dhcp_packet *p, struct ip4 src, enum pxe_data data)
{
    if (best->packet.size > 0 && data <= best->data)
        return;
    best->packet = *p;
    best->server = pxe_server_of(p, src);
    best->data = (uint8_t)data;
}

static bool is_ip_offer(const struct pxe_client *c, const struct dhcp_packet *p)
{
    if (!pxe_is_host_address(dhcp_packet_yiaddr(p)))
        return false;
    if (dhcp_packet_message(p) == DHCP_OFFER)
        return !ip4_is_zero(dhcp_packet_ip4(p, DHCP_OPTION_SERVER_ID));
    return c->config.want_boot && dhcp_packet_message(p) == DHCP_NO_MESSAGE;
}

static void note_proxy(struct pxe_client *c, struct ip4 server)
{
    for (unsigned i = 0; i < c->p.proxy_count; i++)
        if (ip4_equal(c->p.proxies[i], server))
            return;
    if (c->p.proxy_count < sizeof(c->p.proxies) / sizeof(c->p.proxies[0]))
        c->p.proxies[c->p.proxy_count++] = server;
}

bool pxe_offer_take_proxy(struct pxe_client *c, const struct dhcp_packet *p, struct ip4 src)
{
    enum pxe_data data = c->config.want_boot ? pxe_classify(p) : PXE_DATA_NONE;

    /* A ProxyDHCP gives no address and says "PXEClient" (PXE 2.1 2.2.3). */
    if (!ip4_is_zero(dhcp_packet_yiaddr(p)) || dhcp_packet_message(p) != DHCP_OFFER || data < PXE_DATA_BINL)
        return false;
    offer_keep(&c->p.proxy_offer, p, src, data);
    note_proxy(c, pxe_server_of(p, src));
    return true;
}

bool pxe_offer_take(struct pxe_client *c, const struct dhcp_packet *p, struct ip4 src, uint64_t now_ms)
{
    if (!is_ip_offer(c, p))
        return pxe_offer_take_proxy(c, p, src);
    if (c->p.ip_offer.packet.size == 0)
        c->p.ip_offer_ms = now_ms;
    offer_keep(&c->p.ip_offer, p, src, c->config.want_boot ? pxe_classify(p) : PXE_DATA_NONE);
    return true;
}

bool pxe_offer_complete(const struct pxe_client *c)
{
    if (c->p.ip_offer.packet.size == 0)
        return false;
    return !c->config.want_boot || c->p.ip_offer.data >= PXE_DATA_BINL || c->p.proxy_offer.packet.size > 0;
}

bool pxe_offer_prefers_proxy(const struct pxe_client *c)
{
    uint8_t ip = c->p.ip_offer.data, proxy = c->p.proxy_offer.data;

    if (c->p.proxy_offer.packet.size == 0 || ip >= PXE_DATA_MTFTP)
        return false;
    return proxy >= PXE_DATA_MTFTP || ip != PXE_DATA_BINL;
}

uint64_t pxe_offer_deadline(const struct pxe_client *c)
{
    uint64_t grace = c->p.ip_offer_ms + PROXY_GRACE_MS, full = c->p.started_ms + PROXY_WAIT_MS;

    if (c->p.ip_offer.packet.size == 0)
        return UINT64_MAX;
    return c->p.ip_offer.data != PXE_DATA_NONE || grace > full ? grace : full;
}
