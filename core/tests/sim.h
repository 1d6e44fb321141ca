/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated network and clock for the PXE client: servers that answer as told, and a record of what was sent. Nothing
 * here reads the client's private state. */
#ifndef SLIPWAY_CORE_TESTS_SIM_H
#define SLIPWAY_CORE_TESTS_SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/pxe_client.h"

#define IP(a, b, c, d) ((struct ip4){{a, b, c, d}})
static const uint8_t SIM_MAC[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
#define SIM_DHCP IP(10, 77, 0, 1)
#define SIM_PROXY IP(10, 77, 0, 2)
#define SIM_BOOT IP(10, 77, 0, 3)
#define SIM_ADDRESS IP(10, 77, 0, 21)

/* What one server says in one packet. */
struct sim_reply {
    uint8_t message;       /* 0: none, BOOTP */
    struct ip4 server;     /* option 54; zero: none */
    struct ip4 yiaddr, siaddr;
    const char *file;      /* header field */
    bool pxe;              /* option 60 PXEClient */
    const uint8_t *option43;
    size_t option43_size;
    const uint8_t *extra;  /* raw options */
    size_t extra_size;
};

struct sim {
    struct pxe_client client;
    struct pxe_client_config config;
    struct pxe_output out;
    uint64_t now;
    unsigned configured, redraws;
    unsigned discovers, requests, proxy_requests, boot_requests; /* as sent */
    struct { uint64_t when; struct ip4 dst; uint16_t port; } sent[256];
    unsigned sent_count;

    /* The network: NULL = silent. `lose` first packets of each kind get no answer. */
    const struct sim_reply *offer, *ack, *proxy_offer, *proxy_ack, *boot_ack;
    struct ip4 boot_listens; /* which address reaches the boot server; zero: any */
    unsigned lose_discovers, lose_requests, lose_proxy, lose_boot;
    uint64_t dead_until;     /* spanning tree: nothing passes before */
    uint64_t offer_delay;    /* the IP offer comes so late after the proxy's */
    struct dhcp_packet last; /* last packet sent */
};

static inline struct pxe_client_config sim_config(void)
{
    struct pxe_client_config config = {.has_uuid = true, .want_boot = true, .arch = 7, .undi_major = 3,
                                       .undi_minor = 16, .user_class = "Slipway", .random = 0x1234567};

    memcpy(config.mac, SIM_MAC, 6);
    for (unsigned i = 0; i < 16; i++)
        config.uuid[i] = (uint8_t)(i + 1);
    return config;
}

static inline size_t sim_build(const struct sim_reply *r, uint32_t xid, uint8_t *bytes)
{
    struct dhcp_header h = {.op = DHCP_BOOTREPLY, .xid = xid, .yiaddr = r->yiaddr, .siaddr = r->siaddr,
                            .mac = SIM_MAC, .file = r->file};
    struct writer w;

    writer_init(&w, bytes, DHCP_PACKET_MAX);
    dhcp_write_header(&w, &h);
    if (r->message)
        dhcp_write_option(&w, DHCP_OPTION_MESSAGE, &r->message, 1);
    if (!ip4_is_zero(r->server))
        dhcp_write_option(&w, DHCP_OPTION_SERVER_ID, r->server.b, 4);
    if (r->pxe)
        dhcp_write_option(&w, DHCP_OPTION_CLASS, "PXEClient", 9);
    if (r->option43)
        dhcp_write_option(&w, DHCP_OPTION_VENDOR, r->option43, (uint8_t)r->option43_size);
    writer_bytes(&w, r->extra, r->extra_size);
    dhcp_write_end(&w);
    assert_false(w.failed);
    return w.length;
}

static inline void sim_account(struct sim *s);

/* Hands one reply to the client, from `src`. */
static inline void sim_deliver(struct sim *s, const struct sim_reply *r, struct ip4 src, uint16_t port)
{
    uint8_t bytes[DHCP_PACKET_MAX];
    size_t size;

    if (!r)
        return;
    size = sim_build(r, dhcp_packet_xid(&s->last), bytes);
    /* A heap copy of the exact size, so that ASan sees any read past the end. */
    uint8_t *copy = malloc(size);
    memcpy(copy, bytes, size);
    pxe_client_packet(&s->client, src, port, copy, size, s->now, &s->out);
    free(copy);
    sim_account(s);
}

static inline bool sim_lost(unsigned *left)
{
    return *left > 0 && (*left)--;
}

/* The network's answer to s->last, which went to s->sent[sent_count - 1]. */
static inline void sim_answer(struct sim *s, struct ip4 dst, uint16_t port)
{
    uint8_t buf[256];
    size_t size;
    bool item = dhcp_packet_option(&s->last, DHCP_OPTION_VENDOR, buf, sizeof(buf), &size);

    if (dhcp_packet_message(&s->last) == DHCP_DISCOVER) {
        s->discovers++;
        if (s->now < s->dead_until || sim_lost(&s->lose_discovers))
            return;
        sim_deliver(s, s->proxy_offer, SIM_PROXY, 67);
        s->now += s->offer_delay;
        if (s->client.state == PXE_SELECTING)
            sim_deliver(s, s->offer, SIM_DHCP, 67);
    } else if (item) {
        s->boot_requests++;
        if (!sim_lost(&s->lose_boot) && (ip4_is_zero(s->boot_listens) || ip4_equal(s->boot_listens, dst)))
            sim_deliver(s, s->boot_ack, SIM_BOOT, 4011);
    } else if (port == PXE_SERVER_PORT) {
        s->proxy_requests++;
        if (!sim_lost(&s->lose_proxy))
            sim_deliver(s, s->proxy_ack, dst, 4011);
    } else {
        s->requests++;
        if (!sim_lost(&s->lose_requests))
            sim_deliver(s, s->ack, SIM_DHCP, 67);
    }
}

/* Looks at what the last step wants, and lets the network answer it. */
static inline void sim_account(struct sim *s)
{
    struct ip4 dst = s->out.dst;
    uint16_t port = s->out.dst_port;

    s->configured += s->out.configure;
    s->redraws += s->out.redraw;
    if (s->out.packet_size == 0)
        return;
    assert_in_range(s->out.packet_size, 300, DHCP_PACKET_MAX);
    assert_true(dhcp_packet_parse(&s->last, s->out.packet, s->out.packet_size));
    assert_true(s->sent_count < 256);
    s->sent[s->sent_count].when = s->now;
    s->sent[s->sent_count].dst = dst;
    s->sent[s->sent_count++].port = port;
    sim_answer(s, dst, port);
}

static inline void sim_start(struct sim *s)
{
    if (s->config.arch == 0 && !s->config.want_boot)
        s->config = sim_config();
    pxe_client_start(&s->client, &s->config, s->now, &s->out);
    sim_account(s);
}

static inline bool sim_over(const struct sim *s)
{
    return s->client.state == PXE_DONE || s->client.state == PXE_FAILED;
}

/* Lets time pass up to `until` or the end. */
static inline void sim_run_until(struct sim *s, uint64_t until)
{
    while (!sim_over(s) && s->client.wake_ms <= until) {
        if (s->client.wake_ms > s->now)
            s->now = s->client.wake_ms;
        pxe_client_timer(&s->client, s->now, &s->out);
        sim_account(s);
    }
    if (!sim_over(s) && until != UINT64_MAX - 1 && until > s->now)
        s->now = until;
}

static inline void sim_run(struct sim *s)
{
    sim_run_until(s, UINT64_MAX - 1);
}

static inline void sim_key(struct sim *s, enum menu_key key, char character)
{
    pxe_client_key(&s->client, key, character, s->now, &s->out);
    sim_account(s);
}

static inline void assert_ip(struct ip4 a, struct ip4 b)
{
    assert_memory_equal(a.b, b.b, 4);
}

static inline void assert_file(const struct sim *s, const char *file, struct ip4 server)
{
    assert_int_equal(s->client.state, PXE_DONE);
    assert_int_equal(s->client.plan.kind, BOOT_FILE);
    assert_string_equal(s->client.plan.file, file);
    assert_ip(s->client.plan.server, server);
    assert_ip(s->client.net.boot_server, server);
    assert_true(s->client.wake_ms == UINT64_MAX);
}

static inline void assert_error(const struct sim *s, enum pxe_error code, struct ip4 server, const char *part)
{
    assert_int_equal(s->client.state, PXE_FAILED);
    assert_int_equal(s->client.error.code, code);
    assert_ip(s->client.error.server, server);
    if (!strstr(s->client.error.received, part))
        fail_msg("\"%s\" is not in \"%s\"", part, s->client.error.received);
    assert_true(s->client.wake_ms == UINT64_MAX);
}

/* The servers most tests use. */
static const struct sim_reply SIM_PLAIN_OFFER = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS};
static const struct sim_reply SIM_PLAIN_ACK = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS};
/* dnsmasq 2.90 as ProxyDHCP for UEFI: "PXEClient", siaddr, itself, no more. */
static const struct sim_reply SIM_BINL_OFFER = {.message = DHCP_OFFER, .server = SIM_PROXY, .siaddr = SIM_PROXY,
                                                .pxe = true};

#endif
