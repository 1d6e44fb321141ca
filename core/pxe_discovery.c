/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state PXE_DISCOVERING: which server has the boot item?
 *
 * Multicast, broadcast and unicast are tried in this order, as tag 6 allows each, in four rounds with pauses of 1, 2,
 * 3 and 4 s. So each way gets four tries, and a dead one costs a second before the next is tried. */
#include "core/pxe_internal.h"

#define ROUNDS 4

static const struct ip4 NOBODY = {{0, 0, 0, 0}};

enum method { KNOWN_SERVER, MULTICAST, BROADCAST, UNICAST, METHODS };

/* The address to ask by the present method; zero when that has none (left). */
static struct ip4 method_target(const struct pxe_client *c)
{
    const struct pxe_vendor *v = &c->p.vendor;
    bool first = c->p.server_index == 0;

    switch (c->p.method) {
    case KNOWN_SERVER:
        return first ? c->p.item_server : NOBODY;
    case MULTICAST:
        return first && !(v->control & PXE_NO_MULTICAST) && v->multicast.b[0] >> 4 == 14 ? v->multicast : NOBODY;
    case BROADCAST:
        return first && !(v->control & PXE_NO_BROADCAST) ? (struct ip4){{255, 255, 255, 255}} : NOBODY;
    default:
        return boot_servers_address(&v->servers, c->p.item_type, c->p.server_index);
    }
}

/* Goes on to the first method that has an address, from the present one. Returns false at the end of the round. */
static bool find_target(struct pxe_client *c)
{
    while (c->p.method < METHODS) {
        if (!ip4_is_zero(method_target(c)))
            return true;
        c->p.method++;
        c->p.server_index = 0;
    }
    return false;
}

static void round_begin(struct pxe_client *c)
{
    c->p.method = 0;
    c->p.server_index = 0;
}

static void ask(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    uint16_t port = c->p.method == BROADCAST ? DHCP_SERVER_PORT : PXE_SERVER_PORT;

    pxe_send_boot_request(c, method_target(c), port, out);
    c->p.server_index++;
    /* All servers of the list are asked at once: whoever is up answers first. */
    c->wake_ms = ip4_is_zero(method_target(c)) ? now_ms + (c->p.round + 1) * 1000u : now_ms;
}

/* Broadcast is forbidden, or the list is torn. Without a list multicast would have been the way, if it is allowed. */
static void fail_no_way(struct pxe_client *c)
{
    const struct pxe_vendor *v = &c->p.vendor;
    bool no_group = !v->servers.data && !(v->control & PXE_NO_MULTICAST);
    struct text t;

    pxe_fail(c, no_group ? PXE_E76 : PXE_E77, c->p.told_by, &t);
    text_string(&t, "discovery control ");
    text_unsigned(&t, v->control);
    text_string(&t, no_group ? ", no multicast address, boot item type " : ", no usable server list, boot item type ");
    text_unsigned(&t, c->p.item_type);
}

void pxe_discovery_begin(struct pxe_client *c, uint16_t type, uint16_t layer, uint64_t now_ms, struct pxe_output *out)
{
    c->state = PXE_DISCOVERING;
    c->plan.item_type = type;
    c->p.item_type = type;
    c->p.item_layer = layer;
    c->p.nameless = NOBODY;
    c->p.next_layer = false;
    c->p.secs = 0;
    c->p.round = 0;
    round_begin(c);
    pxe_new_xid(c);
    if (boot_servers_valid(&c->p.vendor.servers) && find_target(c))
        ask(c, now_ms, out);
    else
        fail_no_way(c);
}

/* dnsmasq has one file for an item, whoever asks. Its offers depend on who asks. */
static bool wants_offers(const struct pxe_client *c, const char *file)
{
    return (c->p.from_cache || c->p.cached_menu) && pxe_is_own_file(c, file);
}

/* `p` answers with a file for the item. */
static void item_answered(struct pxe_client *c, const struct dhcp_packet *p, const char *file, struct ip4 src)
{
    struct ip4 from = dhcp_packet_next_server(p);

    if (wants_offers(c, file)) {
        c->p.from_cache = true;
        c->p.method = METHODS;
        c->wake_ms = 0;
        return;
    }
    c->plan.item_layer = c->p.item_layer;
    c->p.named_by = p;
    pxe_load_vendor(c, p, true);
    pxe_plan_file(c, file, ip4_is_zero(from) ? src : from, pxe_server_of(p, src));
}

/* Who names the client itself may have what follows it as the next layer of the same item. */
static bool ask_next_layer(struct pxe_client *c, const char *file, struct ip4 src)
{
    if (!c->config.has_next_layer || c->p.next_layer || !pxe_is_own_file(c, file))
        return false;
    c->p.next_layer = true;
    c->p.reply = c->p.received;
    c->p.own_from = src;
    c->p.item_server = pxe_server_of(&c->p.received, src);
    c->p.item_layer = (c->p.item_layer + 1) & PXE_LAYER_MASK;
    c->p.round = 0;
    round_begin(c);
    pxe_new_xid(c);
    c->wake_ms = 0;
    return true;
}

/* There is no next layer. */
static void return_to_own_answer(struct pxe_client *c)
{
    char file[DHCP_FILE_MAX];

    c->p.next_layer = false;
    c->p.item_layer = (c->p.item_layer - 1) & PXE_LAYER_MASK;
    dhcp_packet_file(&c->p.reply, file);
    item_answered(c, &c->p.reply, file, c->p.own_from);
}

static void nobody_answered(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    struct text t;

    if (c->p.next_layer) {
        return_to_own_answer(c);
        return;
    }
    if (c->p.from_cache) {
        c->plan.item_type = PXE_NO_ITEM;
        pxe_lease_begin(c, now_ms, out);
        return;
    }
    if (!ip4_is_zero(c->p.nameless)) {
        pxe_fail(c, PXE_E53, c->p.nameless, &t);
        text_string(&t, "the boot server's answer without a boot file name for item type ");
    } else {
        pxe_fail(c, PXE_E78, boot_servers_address(&c->p.vendor.servers, c->p.item_type, 0), &t);
        text_string(&t, "no answer of a boot server for item type ");
    }
    text_unsigned(&t, c->p.item_type);
}

void pxe_discovery_timer(struct pxe_client *c, uint64_t now_ms, struct pxe_output *out)
{
    unsigned rounds = c->p.from_cache || c->p.next_layer ? 1 : ROUNDS;

    if (!find_target(c)) {
        round_begin(c);
        if (++c->p.round >= rounds) {
            nobody_answered(c, now_ms, out);
            return;
        }
        find_target(c); /* there was one in the first round */
    }
    ask(c, now_ms, out);
}

bool pxe_boot_item(const struct dhcp_packet *p, uint16_t *ret_type, uint16_t *ret_layer)
{
    uint8_t option43[DHCP_PACKET_MAX];
    struct pxe_vendor v;
    size_t size;

    if (!dhcp_packet_option(p, DHCP_OPTION_VENDOR, option43, sizeof(option43), &size))
        return false;
    pxe_vendor_parse(&v, option43, size);
    if (!v.has_item)
        return false;
    *ret_type = v.item_type;
    *ret_layer = v.item_layer & PXE_LAYER_MASK;
    return true;
}

static bool is_allowed(const struct pxe_client *c, struct ip4 server, struct ip4 src)
{
    const struct pxe_vendor *v = &c->p.vendor;

    return !(v->control & PXE_LISTED_SERVERS_ONLY) || ip4_equal(server, c->p.item_server) ||
           boot_servers_allow(&v->servers, c->p.item_type, server) ||
           boot_servers_allow(&v->servers, c->p.item_type, src);
}

void pxe_discovery_packet(struct pxe_client *c, struct ip4 src)
{
    const struct dhcp_packet *p = &c->p.received;
    struct ip4 server = pxe_server_of(p, src);
    uint16_t type, layer;
    char file[DHCP_FILE_MAX];

    if (dhcp_packet_message(p) != DHCP_ACK || !pxe_boot_item(p, &type, &layer))
        return;
    if (type != c->p.item_type || layer != c->p.item_layer || !is_allowed(c, server, src))
        return;
    if (!dhcp_packet_file(p, file)) {
        c->p.nameless = server;
        return;
    }
    if (!ask_next_layer(c, file, src))
        item_answered(c, p, file, src);
}
