/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/dhcp_packet.h"

/* Offsets of RFC 2131's figure 1. */
enum {
    AT_HTYPE = 1,
    AT_HLEN = 2,
    AT_XID = 4,
    AT_CIADDR = 12,
    AT_YIADDR = 16,
    AT_SIADDR = 20,
    AT_CHADDR = 28,
    AT_SNAME = 44,
    AT_FILE = 108,
    AT_COOKIE = 236,
    AT_OPTIONS = 240,
    SNAME_SIZE = 64,
    FILE_SIZE = 128,
};
enum { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 };

#define COOKIE 0x63825363u
#define BOOTP_MIN 300

static uint32_t read_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool dhcp_packet_parse(struct dhcp_packet *ret, const uint8_t *data, size_t size)
{
    ret->size = 0;
    if (size < AT_OPTIONS || size > DHCP_PACKET_MAX)
        return false;
    if (data[AT_HTYPE] != 1 || data[AT_HLEN] != 6 || read_u32(data + AT_COOKIE) != COOKIE)
        return false;
    memmove(ret->bytes, data, size);
    ret->size = size;
    return true;
}

uint8_t dhcp_packet_op(const struct dhcp_packet *p)
{
    return p->size ? p->bytes[0] : 0;
}

uint32_t dhcp_packet_xid(const struct dhcp_packet *p)
{
    return p->size ? read_u32(p->bytes + AT_XID) : 0;
}

static struct ip4 address_at(const struct dhcp_packet *p, size_t at)
{
    struct cursor c;

    cursor_init(&c, p->bytes, p->size);
    cursor_bytes(&c, at);
    return cursor_ip4(&c);
}

struct ip4 dhcp_packet_ciaddr(const struct dhcp_packet *p)
{
    return address_at(p, AT_CIADDR);
}

struct ip4 dhcp_packet_yiaddr(const struct dhcp_packet *p)
{
    return address_at(p, AT_YIADDR);
}

struct ip4 dhcp_packet_siaddr(const struct dhcp_packet *p)
{
    return address_at(p, AT_SIADDR);
}

const uint8_t *dhcp_packet_mac(const struct dhcp_packet *p)
{
    return p->bytes + AT_CHADDR;
}

bool dhcp_packet_is_for(const struct dhcp_packet *p, const uint8_t mac[6])
{
    return p->size > 0 && bytes_equal(p->bytes + AT_CHADDR, mac, 6);
}

void dhcp_walk_init(struct dhcp_walk *w, const struct dhcp_packet *p)
{
    w->packet = p;
    w->area = 0;
    w->overload = 0;
    tlv_init(&w->tlv, p->bytes + AT_OPTIONS, p->size > AT_OPTIONS ? p->size - AT_OPTIONS : 0);
}

/* Goes on to the next area that option 52 made options of. */
static bool walk_next_area(struct dhcp_walk *w)
{
    const uint8_t *bytes = w->packet->bytes;

    if (w->area == 0 && (w->overload & OVERLOAD_FILE)) {
        w->area = 1;
        tlv_init(&w->tlv, bytes + AT_FILE, FILE_SIZE);
        return true;
    }
    if (w->area < 2 && (w->overload & OVERLOAD_SNAME)) {
        w->area = 2;
        tlv_init(&w->tlv, bytes + AT_SNAME, SNAME_SIZE);
        return true;
    }
    return false;
}

bool dhcp_walk_next(struct dhcp_walk *w, struct tlv *ret)
{
    do {
        if (tlv_next(&w->tlv, ret)) {
            if (w->area == 0 && ret->code == DHCP_OPTION_OVERLOAD && ret->size == 1)
                w->overload = ret->data[0];
            return true;
        }
    } while (walk_next_area(w));
    return false;
}

/* Which fields the packet uses for options. */
static uint8_t packet_overload(const struct dhcp_packet *p)
{
    struct dhcp_walk w;
    struct tlv item;

    dhcp_walk_init(&w, p);
    while (dhcp_walk_next(&w, &item))
        ;
    return w.overload;
}

bool dhcp_packet_option(const struct dhcp_packet *p, uint8_t code, uint8_t *buf, size_t size, size_t *ret_size)
{
    struct dhcp_walk walk;
    struct writer w;
    struct tlv item;
    bool found = false;

    writer_init(&w, buf, size);
    dhcp_walk_init(&walk, p);
    while (dhcp_walk_next(&walk, &item)) {
        if (item.code != code)
            continue;
        writer_bytes(&w, item.data, item.size);
        found = true;
    }
    if (!found || w.failed)
        return false;
    *ret_size = w.length;
    return true;
}

/* The first instance of an option whose value is short; a split one is not looked for. */
static bool packet_find(const struct dhcp_packet *p, uint8_t code, struct tlv *ret)
{
    struct dhcp_walk walk;
    struct tlv item;

    dhcp_walk_init(&walk, p);
    while (dhcp_walk_next(&walk, &item)) {
        if (item.code == code) {
            *ret = item;
            return true;
        }
    }
    return false;
}

struct ip4 dhcp_packet_ip4(const struct dhcp_packet *p, uint8_t code)
{
    struct cursor c;
    struct tlv item;

    if (!packet_find(p, code, &item))
        return (struct ip4){{0, 0, 0, 0}};
    cursor_init(&c, item.data, item.size);
    return cursor_ip4(&c);
}

uint32_t dhcp_packet_number(const struct dhcp_packet *p, uint8_t code, size_t size, uint32_t otherwise)
{
    uint8_t value[4];
    struct cursor c;
    size_t length;

    if (!dhcp_packet_option(p, code, value, sizeof(value), &length) || length != size)
        return otherwise;
    cursor_init(&c, value, length);
    return size == 4 ? cursor_u32(&c) : cursor_u16(&c);
}

enum dhcp_message dhcp_packet_message(const struct dhcp_packet *p)
{
    struct tlv item;

    return packet_find(p, DHCP_OPTION_MESSAGE, &item) && item.size == 1 ? item.data[0] : DHCP_NO_MESSAGE;
}

bool dhcp_packet_is_pxe(const struct dhcp_packet *p)
{
    struct tlv item;

    return packet_find(p, DHCP_OPTION_CLASS, &item) && item.size >= 9 && bytes_equal(item.data, "PXEClient", 9);
}

bool dhcp_packet_file(const struct dhcp_packet *p, char ret[DHCP_FILE_MAX])
{
    uint8_t name[DHCP_FILE_MAX];
    size_t size = 0, length = 0;

    ret[0] = '\0';
    if (p->size == 0)
        return false;
    if (!dhcp_packet_option(p, DHCP_OPTION_FILE, name, sizeof(name), &size) &&
        !(packet_overload(p) & OVERLOAD_FILE)) {
        memcpy(name, p->bytes + AT_FILE, FILE_SIZE);
        size = FILE_SIZE;
    }
    while (length < size && name[length] != '\0')
        length++;
    if (length == 0 || length >= DHCP_FILE_MAX)
        return false;
    memcpy(ret, name, length);
    ret[length] = '\0';
    return true;
}

/* Reads "10.77.0.3", nothing before it and nothing but NUL after it. Zero when it is anything else. */
static struct ip4 parse_dotted(const uint8_t *text, size_t size)
{
    const struct ip4 none = {{0, 0, 0, 0}};
    struct ip4 a = none;
    unsigned field = 0, digits = 0, value = 0;

    for (size_t i = 0; i < size && text[i] != '\0'; i++) {
        if (text[i] == '.' && digits > 0 && field < 3) {
            a.b[field++] = (uint8_t)value;
            digits = value = 0;
        } else if (text[i] >= '0' && text[i] <= '9' && ++digits <= 3) {
            value = value * 10 + (text[i] - '0');
        } else {
            return none;
        }
        if (value > 255)
            return none;
    }
    if (field != 3 || digits == 0)
        return none;
    a.b[3] = (uint8_t)value;
    return a;
}

struct ip4 dhcp_packet_next_server(const struct dhcp_packet *p)
{
    struct ip4 a = dhcp_packet_siaddr(p);
    struct tlv item;

    if (ip4_is_zero(a) && packet_find(p, DHCP_OPTION_SERVER_NAME, &item))
        a = parse_dotted(item.data, item.size);
    if (ip4_is_zero(a) && p->size > 0 && !(packet_overload(p) & OVERLOAD_SNAME))
        a = parse_dotted(p->bytes + AT_SNAME, SNAME_SIZE);
    return ip4_is_zero(a) ? dhcp_packet_ip4(p, DHCP_OPTION_SERVER_ID) : a;
}

void dhcp_write_option(struct writer *w, uint8_t code, const void *value, uint8_t size)
{
    writer_u8(w, code);
    writer_u8(w, size);
    writer_bytes(w, value, size);
}

void dhcp_write_header(struct writer *w, const struct dhcp_header *h)
{
    size_t file_size = h->file ? text_length(h->file, FILE_SIZE) : 0;

    writer_u8(w, h->op);
    writer_u8(w, 1); /* Ethernet */
    writer_u8(w, 6);
    writer_u8(w, 0);
    writer_u32(w, h->xid);
    writer_u16(w, h->secs);
    writer_u16(w, h->broadcast ? 0x8000 : 0);
    writer_ip4(w, h->ciaddr);
    writer_ip4(w, h->yiaddr);
    writer_ip4(w, h->siaddr);
    writer_zeros(w, 4);
    writer_bytes(w, h->mac, 6);
    writer_zeros(w, 10 + SNAME_SIZE);
    writer_bytes(w, h->file, file_size);
    writer_zeros(w, FILE_SIZE - file_size);
    writer_u32(w, COOKIE);
}

void dhcp_write_end(struct writer *w)
{
    writer_u8(w, TLV_END);
    if (w->length < BOOTP_MIN)
        writer_zeros(w, BOOTP_MIN - w->length);
}
