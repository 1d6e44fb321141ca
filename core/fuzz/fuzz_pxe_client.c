/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole client against a hostile network. The input is a list of events:
 *
 *   config u8, then { kind u8, ... }...
 *   kind 0: time goes on to the client's wake time
 *   kind 1: key u8
 *   kind 2: flags u8, size u8 x 4, that many bytes: a packet whose header is right (flags: which fields it has) and
 *           whose options are the bytes
 *   kind 3: size u8 x 4, that many bytes: a datagram as it is
 *   kind 4: size u8 x 4, that many bytes: an ARP packet; whatever it says, somebody has the address
 *
 * A client that gets no more events must come to an end by time alone, unless a menu waits for ever. */
#include <stdlib.h>
#include <string.h>

#include "core/arp.h"
#include "core/pxe_client.h"

#define STEPS 4096 /* far above what four restarts and 4 rounds of 63 boot servers take */

enum { HAS_ADDRESS = 1, HAS_NEXT_SERVER = 2, HAS_FILE = 4 };
enum { WANT_BOOT = 1, USER_CLASS = 2, CACHED = 4, CACHED_PROXY = 8, CACHED_BOOT = 16, CAN_PROBE = 32 };

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
static const struct ip4 server = {{10, 0, 0, 1}};

struct run {
    struct pxe_client client;
    struct pxe_output out;
    struct dhcp_packet sent;
    struct cursor input;
    uint64_t now;
};

static void show(const struct menu *m, uint64_t now)
{
    for (unsigned i = 0; i < menu_line_count(m); i++) {
        char line[81];
        struct text t;
        bool highlight;

        text_init(&t, line, sizeof(line));
        menu_line(m, i, now, &t, &highlight);
    }
}

static void check(struct run *r)
{
    struct pxe_client *c = &r->client;

    if (r->out.packet_size > sizeof(r->out.packet))
        abort();
    if (r->out.packet_size > 0 && !dhcp_packet_parse(&r->sent, r->out.packet, r->out.packet_size))
        abort();
    if (c->state == PXE_PROMPTING)
        show(&c->menu, r->now);
    if (c->state == PXE_DONE && c->plan.kind == BOOT_FILE && (!c->plan.file[0] || !memchr(c->plan.file, 0, 256)))
        abort();
    if (c->state == PXE_FAILED && (c->error.code == PXE_OK || c->wake_ms != UINT64_MAX))
        abort();
}

static size_t read_bytes(struct run *r, const uint8_t **ret)
{
    size_t want = (size_t)cursor_u8(&r->input) * 4, left = cursor_left(&r->input);

    *ret = cursor_bytes(&r->input, want < left ? want : left);
    return *ret ? (want < left ? want : left) : 0;
}

/* In memory of exactly its size. */
static uint8_t *build(struct run *r, size_t *ret_size)
{
    uint8_t flags = cursor_u8(&r->input), bytes[DHCP_PACKET_MAX], *copy;
    struct dhcp_header h = {.op = DHCP_BOOTREPLY, .xid = dhcp_packet_xid(&r->sent), .mac = mac};
    const uint8_t *options;
    size_t size = read_bytes(r, &options);
    struct writer w;

    h.yiaddr = flags & HAS_ADDRESS ? (struct ip4){{10, 0, 0, 9}} : h.yiaddr;
    h.siaddr = flags & HAS_NEXT_SERVER ? server : h.siaddr;
    h.file = flags & HAS_FILE ? "file" : NULL;
    writer_init(&w, bytes, sizeof(bytes));
    dhcp_write_header(&w, &h);
    writer_bytes(&w, options, size);
    copy = malloc(w.length);
    memcpy(copy, bytes, w.length);
    *ret_size = w.length;
    return copy;
}

static void start(struct run *r)
{
    uint8_t flags = cursor_u8(&r->input);
    struct pxe_client_config config = {.want_boot = flags & WANT_BOOT, .arch = 7, .random = 1,
                                       .user_class = flags & USER_CLASS ? "Slipway" : NULL,
                                       .can_probe = flags & CAN_PROBE};
    struct pxe_cached cached = {0};
    uint8_t *packets[3] = {0};

    memcpy(config.mac, mac, sizeof(mac));
    if (!(flags & CACHED)) {
        pxe_client_start(&r->client, &config, r->now, &r->out);
        return;
    }
    cached.ack = packets[0] = build(r, &cached.ack_size);
    if (flags & CACHED_PROXY)
        cached.proxy = packets[1] = build(r, &cached.proxy_size);
    if (flags & CACHED_BOOT)
        cached.boot_server = packets[2] = build(r, &cached.boot_server_size);
    pxe_client_start_cached(&r->client, &config, &cached, r->now, &r->out);
    for (unsigned i = 0; i < 3; i++)
        free(packets[i]);
}

static void tick(struct run *r)
{
    if (r->client.wake_ms == UINT64_MAX)
        return;
    if (r->client.wake_ms > r->now)
        r->now = r->client.wake_ms;
    pxe_client_timer(&r->client, r->now, &r->out);
    check(r);
}

static void event(struct run *r)
{
    uint8_t kind = cursor_u8(&r->input) % 5, key, other[6];
    const uint8_t *raw;
    uint8_t *packet;
    size_t size;

    if (kind == 0) {
        tick(r);
        return;
    }
    if (kind == 1) {
        key = cursor_u8(&r->input);
        pxe_client_key(&r->client, key % (MENU_KEY_CHARACTER + 1), (char)key, r->now, &r->out);
    } else if (kind == 2) {
        packet = build(r, &size);
        pxe_client_packet(&r->client, server, 67, packet, size, r->now, &r->out);
        free(packet);
    } else if (kind == 4) {
        size = read_bytes(r, &raw);
        memcpy(other, mac, sizeof(mac));
        arp_is_conflict(raw, size, mac, server, other);
        pxe_client_conflict(&r->client, other, r->now, &r->out);
    } else {
        size = read_bytes(r, &raw);
        pxe_client_packet(&r->client, server, 67, raw, size, r->now, &r->out);
    }
    check(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct run *r = &run;

    memset(r, 0, sizeof(*r));
    cursor_init(&r->input, data, size);
    start(r);
    check(r);
    while (cursor_left(&r->input) > 0)
        event(r);
    for (unsigned i = 0; i < STEPS && r->client.wake_ms != UINT64_MAX; i++)
        tick(r);
    if (r->client.wake_ms != UINT64_MAX)
        abort();
    if (r->client.state != PXE_DONE && r->client.state != PXE_FAILED && r->client.state != PXE_PROMPTING)
        abort();
    return 0;
}
