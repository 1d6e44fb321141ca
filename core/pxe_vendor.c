/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pxe_vendor.h"

enum { TAG_MTFTP_GROUP = 1, TAG_MTFTP_CLIENT_PORT = 2, TAG_MTFTP_SERVER_PORT = 3, TAG_MTFTP_LISTEN = 4,
       TAG_MTFTP_REOPEN = 5, TAG_CONTROL = 6, TAG_MULTICAST = 7, TAG_SERVERS = 8 };

/* PXE 2.1 table 2-1: the ports, and nothing else in a DHCP packet, are in Intel's byte order. */
static uint16_t take_port(struct cursor *c)
{
    uint8_t low = cursor_u8(c);

    return (uint16_t)(cursor_u8(c) << 8 | low);
}

static void mtftp_take(struct pxe_mtftp *m, const struct tlv *item)
{
    struct cursor c;

    cursor_init(&c, item->data, item->size);
    if (item->code == TAG_MTFTP_GROUP && item->size == 4)
        m->group = cursor_ip4(&c);
    else if (item->code == TAG_MTFTP_CLIENT_PORT && item->size == 2)
        m->client_port = take_port(&c);
    else if (item->code == TAG_MTFTP_SERVER_PORT && item->size == 2)
        m->server_port = take_port(&c);
    else if (item->code == TAG_MTFTP_LISTEN && item->size == 1)
        m->listen_s = cursor_u8(&c);
    else if (item->code == TAG_MTFTP_REOPEN && item->size == 1)
        m->reopen_s = cursor_u8(&c);
}

static void vendor_take(struct pxe_vendor *v, const struct tlv *item)
{
    struct cursor c;

    cursor_init(&c, item->data, item->size);
    if (item->code == TAG_CONTROL && item->size == 1)
        v->control = cursor_u8(&c);
    else if (item->code == TAG_MULTICAST && item->size == 4)
        v->multicast = cursor_ip4(&c);
    else if (item->code == TAG_SERVERS && !v->servers.data)
        v->servers = *item;
    else if (item->code == PXE_TAG_MENU && !v->menu.data)
        v->menu = *item;
    else if (item->code == PXE_TAG_PROMPT && !v->prompt.data)
        v->prompt = *item;
    else if (item->code == PXE_TAG_BOOT_ITEM && item->size == 4) {
        v->has_item = true;
        v->item_type = cursor_u16(&c);
        v->item_layer = cursor_u16(&c);
    }
    if (item->code == PXE_TAG_LOCAL_BOOT)
        v->local_boot = local_boot_policy(item->data, item->size);
    if (item->code >= TAG_MTFTP_GROUP && item->code <= TAG_MTFTP_REOPEN) {
        v->has_mtftp = true;
        mtftp_take(&v->mtftp, item);
    }
    if (item->code == TAG_CONTROL || item->code == TAG_SERVERS || item->code == PXE_TAG_MENU)
        v->has_discovery = true;
}

void pxe_vendor_parse(struct pxe_vendor *ret, const uint8_t *bytes, size_t size)
{
    struct tlv_iter i;
    struct tlv item;

    memset(ret, 0, sizeof(*ret));
    tlv_init(&i, bytes, size);
    while (tlv_next(&i, &item))
        vendor_take(ret, &item);
    ret->torn = i.torn;
}

bool pxe_mtftp_usable(const struct pxe_mtftp *m)
{
    return m->group.b[0] >> 4 == 14 && m->client_port != 0 && m->server_port != 0;
}

bool boot_servers_next(struct cursor *c, struct boot_server_entry *ret)
{
    struct boot_server_entry e;
    const uint8_t *addresses;

    if (cursor_left(c) == 0)
        return false;
    e.type = cursor_u16(c);
    e.count = cursor_u8(c);
    addresses = cursor_bytes(c, (size_t)e.count * 4);
    if (!addresses)
        return false;
    cursor_init(&e.addresses, addresses, (size_t)e.count * 4);
    *ret = e;
    return true;
}

bool boot_servers_valid(const struct tlv *servers)
{
    struct boot_server_entry e;
    struct cursor c;

    cursor_init(&c, servers->data, servers->size);
    while (boot_servers_next(&c, &e))
        ;
    return !c.failed;
}

struct ip4 boot_servers_address(const struct tlv *servers, uint16_t type, unsigned n)
{
    struct boot_server_entry e;
    struct cursor c;

    cursor_init(&c, servers->data, servers->size);
    while (boot_servers_next(&c, &e)) {
        if (e.type != type)
            continue;
        if (n < e.count) {
            cursor_bytes(&e.addresses, (size_t)n * 4);
            return cursor_ip4(&e.addresses);
        }
        n -= e.count;
    }
    return (struct ip4){{0, 0, 0, 0}};
}

bool boot_servers_allow(const struct tlv *servers, uint16_t type, struct ip4 server)
{
    struct boot_server_entry e;
    struct cursor c;

    cursor_init(&c, servers->data, servers->size);
    while (boot_servers_next(&c, &e)) {
        if (e.type != type)
            continue;
        if (e.count == 0)
            return true;
        while (cursor_left(&e.addresses) > 0)
            if (ip4_equal(cursor_ip4(&e.addresses), server))
                return true;
    }
    return false;
}
