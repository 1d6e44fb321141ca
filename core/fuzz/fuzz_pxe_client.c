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
#include "core/arp.h"
#include "core/fuzz/pxe_run.h"

enum { HAS_ADDRESS = 1, HAS_NEXT_SERVER = 2, HAS_FILE = 4 };
enum { WANT_BOOT = 1, USER_CLASS = 2, CACHED = 4, CACHED_PROXY = 8, CACHED_BOOT = 16, CAN_PROBE = 32 };

/* In memory of exactly its size. */
static uint8_t *build(struct run *r, size_t *ret_size)
{
    uint8_t flags = cursor_u8(&r->input), bytes[DHCP_PACKET_MAX], *copy;
    struct dhcp_header h = {.op = DHCP_BOOTREPLY, .xid = dhcp_packet_xid(&r->sent), .mac = run_mac};
    const uint8_t *options;
    size_t size = run_take(r, (size_t)cursor_u8(&r->input) * 4, &options);
    struct writer w;

    h.yiaddr = flags & HAS_ADDRESS ? (struct ip4){{10, 0, 0, 9}} : h.yiaddr;
    h.siaddr = flags & HAS_NEXT_SERVER ? run_server : h.siaddr;
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

    memcpy(config.mac, run_mac, sizeof(run_mac));
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

static void event(struct run *r)
{
    uint8_t kind = cursor_u8(&r->input) % 5, other[6];
    const uint8_t *raw;
    uint8_t *packet;
    size_t size;

    if (kind == 0) {
        run_tick(r);
    } else if (kind == 1) {
        run_key(r, cursor_u8(&r->input));
    } else if (kind == 2) {
        packet = build(r, &size);
        run_deliver(r, packet, size);
        free(packet);
    } else if (kind == 4) {
        size = run_take(r, (size_t)cursor_u8(&r->input) * 4, &raw);
        memcpy(other, run_mac, sizeof(run_mac));
        arp_is_conflict(raw, size, run_mac, run_server, other);
        pxe_client_conflict(&r->client, other, r->now, &r->out);
        run_check(r);
    } else {
        size = run_take(r, (size_t)cursor_u8(&r->input) * 4, &raw);
        run_deliver(r, raw, size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct run *r = &run;

    memset(r, 0, sizeof(*r));
    cursor_init(&r->input, data, size);
    start(r);
    run_check(r);
    while (cursor_left(&r->input) > 0)
        event(r);
    run_out(r);
    return 0;
}
