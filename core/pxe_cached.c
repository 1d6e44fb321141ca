/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start from packets of the firmware's own PXE client. */
#include "core/pxe_internal.h"

/* Takes one of them in, if it is there and was meant for this machine. */
static bool cached_parse(const struct pxe_client *c, struct dhcp_packet *ret, const uint8_t *data, size_t size)
{
    if (data && dhcp_packet_parse(ret, data, size) && dhcp_packet_op(ret) == DHCP_BOOTREPLY &&
        dhcp_packet_is_for(ret, c->config.mac))
        return true;
    ret->size = 0;
    return false;
}

static bool cached_lease(struct pxe_client *c, const struct pxe_cached *cached, struct pxe_output *out)
{
    struct dhcp_packet *ack = &c->p.ack;
    enum dhcp_message message;

    if (!cached_parse(c, ack, cached->ack, cached->ack_size) || !pxe_is_host_address(dhcp_packet_yiaddr(ack)))
        return false;
    message = dhcp_packet_message(ack);
    if (message != DHCP_ACK && message != DHCP_NO_MESSAGE)
        return false;
    pxe_net_from_ack(&c->net, ack);
    out->configure = true;
    return true;
}

/* The firmware loads what the last of its answers names, and what it loaded is this client. */
static void note_own_file(struct pxe_client *c)
{
    if (!dhcp_packet_file(&c->p.reply, c->p.own_file) && !dhcp_packet_file(&c->p.proxy_offer.packet, c->p.own_file))
        dhcp_packet_file(&c->p.ack, c->p.own_file);
}

/* Option 54, else siaddr: who sent a cached packet is not known any more. */
static struct ip4 cached_server(const struct dhcp_packet *p)
{
    return pxe_server_of(p, dhcp_packet_siaddr(p));
}

/* GET_CACHED_INFO has one packet for the ProxyDHCP's answer and the boot server's: only the latter has a boot item. */
static void tell_boot_server(struct pxe_client *c)
{
    struct dhcp_packet *proxy = &c->p.proxy_offer.packet;
    uint16_t type, layer;

    if (c->p.reply.size > 0 || !pxe_boot_item(proxy, &type, &layer))
        return;
    c->p.reply = *proxy;
    proxy->size = 0;
}

/* The firmware has chosen a boot item: the same item, for this client's user class, from the same server first. */
static bool ask_for_same_item(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    uint16_t type, layer;

    if (!pxe_boot_item(&c->p.reply, &type, &layer) || ip4_is_zero(cached_server(&c->p.reply)))
        return false;
    c->p.item_server = cached_server(&c->p.reply);
    c->p.told_by = c->p.item_server;
    c->p.from_cache = true;
    pxe_discovery_begin(c, type, layer, now_ms, out);
    return true;
}

/* Without a user class the servers cannot tell this client from the firmware: what they said holds for both. */
static bool use_as_it_is(struct pxe_client *c, const struct dhcp_packet *boot, uint64_t now_ms, struct pxe_output *out)
{
    if (c->p.reply.size > 0 && pxe_has_boot_data(&c->p.reply))
        boot = &c->p.reply;
    if (!pxe_has_boot_data(boot))
        return false;
    pxe_boot_data(c, boot, cached_server(boot), boot != &c->p.ack, now_ms, out);
    return true;
}

/* The data is a menu that the firmware has not acted on. */
static bool has_menu(struct pxe_client *c, const struct dhcp_packet *boot)
{
    char file[DHCP_FILE_MAX];

    pxe_load_vendor(c, boot, boot != &c->p.ack || dhcp_packet_is_pxe(boot));
    return c->p.vendor.menu.data && !(dhcp_packet_file(boot, file) && (c->p.vendor.control & PXE_FILE_AT_ONCE));
}

static bool cached_boot(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    bool has_proxy = c->p.proxy_offer.packet.size > 0;
    const struct dhcp_packet *boot = has_proxy ? &c->p.proxy_offer.packet : &c->p.ack;
    struct ip4 server = cached_server(boot);

    if (!c->config.user_class)
        return use_as_it_is(c, boot, now_ms, out);
    note_own_file(c);
    if (has_menu(c, boot)) {
        c->p.cached_menu = true;
        if (!ask_for_same_item(c, now_ms, out))
            pxe_boot_data(c, boot, server, has_proxy, now_ms, out);
        return true;
    }
    if (ask_for_same_item(c, now_ms, out))
        return true;
    if (ip4_is_zero(server) || (!has_proxy && pxe_classify(boot) != PXE_DATA_BINL))
        return false;
    c->p.from_cache = true;
    pxe_proxy_begin(c, server, now_ms, out);
    return true;
}

/* A client that does not know its own file any more would load itself, and the one it loaded again, for ever. */
static void remember_own_file(struct pxe_client *c, const struct pxe_cached *cached)
{
    cached_parse(c, &c->p.ack, cached->ack, cached->ack_size);
    cached_parse(c, &c->p.proxy_offer.packet, cached->proxy, cached->proxy_size);
    cached_parse(c, &c->p.reply, cached->boot_server, cached->boot_server_size);
    if (c->config.user_class)
        note_own_file(c);
    c->p.ack.size = c->p.proxy_offer.packet.size = c->p.reply.size = 0;
}

bool pxe_cached_begin(struct pxe_client *c, const struct pxe_cached *cached, uint64_t now_ms, struct pxe_output *out)
{
    if (cached->stale) {
        remember_own_file(c, cached);
        return false;
    }
    if (!cached_lease(c, cached, out))
        return false;
    if (!c->config.want_boot) {
        pxe_done(c, NULL, (struct ip4){{0, 0, 0, 0}});
        return true;
    }
    cached_parse(c, &c->p.proxy_offer.packet, cached->proxy, cached->proxy_size);
    cached_parse(c, &c->p.reply, cached->boot_server, cached->boot_server_size);
    tell_boot_server(c);
    return cached_boot(c, now_ms, out);
}
