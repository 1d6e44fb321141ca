/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzzers of the PXE client share: the client with its clock, packets for it in memory of exactly their size,
 * and what must hold after each step. */
#ifndef SLIPWAY_CORE_FUZZ_PXE_RUN_H
#define SLIPWAY_CORE_FUZZ_PXE_RUN_H

#include <stdlib.h>
#include <string.h>

#include "core/pxe_client.h"

/* Far above what four restarts and 4 rounds of 63 boot servers take. */
#define RUN_STEPS 4096

static const uint8_t run_mac[6] = {2, 0, 0, 0, 0, 1};
static const struct ip4 run_server = {{10, 0, 0, 1}};

struct run {
    struct pxe_client client;
    struct pxe_output out;
    struct dhcp_packet sent; /* the last question */
    struct cursor input;
    uint64_t now;
};

static inline void run_require(bool condition)
{
    if (!condition)
        abort();
}

static inline bool run_over(const struct run *r)
{
    return r->client.state == PXE_DONE || r->client.state == PXE_FAILED;
}

static inline void run_show(const struct menu *m, uint64_t now)
{
    unsigned lit = 0;

    for (unsigned i = 0; i < menu_line_count(m); i++) {
        char line[81];
        struct text t;
        bool highlight;

        text_init(&t, line, sizeof(line));
        menu_line(m, i, now, &t, &highlight);
        lit += highlight;
        for (size_t n = 0; n < t.length; n++)
            run_require((uint8_t)line[n] >= 0x20 && line[n] != 0x7f);
    }
    run_require(lit == (m->mode == MENU_LIST));
}

/* After each step. */
static inline void run_check(struct run *r)
{
    struct pxe_client *c = &r->client;

    run_require(r->out.packet_size <= sizeof(r->out.packet));
    if (r->out.packet_size > 0)
        run_require(dhcp_packet_parse(&r->sent, r->out.packet, r->out.packet_size));
    if (c->state == PXE_PROMPTING)
        run_show(&c->menu, r->now);
    if (c->state == PXE_DONE && c->plan.kind == BOOT_FILE)
        run_require(c->plan.file[0] && memchr(c->plan.file, 0, sizeof(c->plan.file)));
    if (c->state == PXE_DONE && !ip4_is_zero(c->plan.mtftp.group))
        run_require(pxe_mtftp_usable(&c->plan.mtftp));
    if (c->state == PXE_FAILED)
        run_require(c->error.code != PXE_OK && memchr(c->error.received, 0, sizeof(c->error.received)));
    if (run_over(r))
        run_require(c->wake_ms == UINT64_MAX);
}

static inline void run_tick(struct run *r)
{
    if (r->client.wake_ms == UINT64_MAX)
        return;
    if (r->client.wake_ms > r->now)
        r->now = r->client.wake_ms;
    pxe_client_timer(&r->client, r->now, &r->out);
    run_check(r);
}

static inline void run_key(struct run *r, uint8_t key)
{
    pxe_client_key(&r->client, key % (MENU_KEY_CHARACTER + 1), (char)key, r->now, &r->out);
    run_check(r);
}

/* Hands in a datagram from the server. */
static inline void run_deliver(struct run *r, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (size > 0)
        memcpy(copy, bytes, size);
    pxe_client_packet(&r->client, run_server, 67, copy, size, r->now, &r->out);
    free(copy);
    run_check(r);
}

/* At most `want` bytes of the input; *ret is NULL when there are none. */
static inline size_t run_take(struct run *r, size_t want, const uint8_t **ret)
{
    size_t left = cursor_left(&r->input), size = want < left ? want : left;

    *ret = size ? cursor_bytes(&r->input, size) : NULL;
    return size;
}

/* An answer to the last question whose options are `options` and whose header has the given fields. */
struct run_answer {
    uint8_t message; /* 0: none */
    struct ip4 yiaddr;
    const uint8_t *sname, *file, *options;
    size_t sname_size, file_size, options_size;
};

static inline void run_answer(struct run *r, const struct run_answer *a)
{
    struct dhcp_header h = {
        .op = DHCP_BOOTREPLY, .xid = dhcp_packet_xid(&r->sent), .yiaddr = a->yiaddr, .mac = run_mac};
    uint8_t bytes[DHCP_PACKET_MAX];
    struct writer w;

    writer_init(&w, bytes, sizeof(bytes));
    dhcp_write_header(&w, &h);
    if (a->sname_size > 0)
        memcpy(bytes + 44, a->sname, a->sname_size);
    if (a->file_size > 0)
        memcpy(bytes + 108, a->file, a->file_size);
    if (a->message)
        dhcp_write_option(&w, DHCP_OPTION_MESSAGE, &a->message, 1);
    dhcp_write_option(&w, DHCP_OPTION_SERVER_ID, run_server.b, 4);
    writer_bytes(&w, a->options, a->options_size);
    run_deliver(r, bytes, w.length);
}

/* Begins as a boot client with Slipway's user class. */
static inline void run_start(struct run *r, const uint8_t *data, size_t size)
{
    struct pxe_client_config config = {.want_boot = true, .arch = 7, .random = 1, .user_class = "Slipway"};

    memset(r, 0, sizeof(*r));
    cursor_init(&r->input, data, size);
    memcpy(config.mac, run_mac, sizeof(run_mac));
    pxe_client_start(&r->client, &config, r->now, &r->out);
    run_check(r);
}

/* Time goes on until the end, or until a menu waits for ever. */
static inline void run_out(struct run *r)
{
    for (unsigned i = 0; i < RUN_STEPS && r->client.wake_ms != UINT64_MAX; i++)
        run_tick(r);
    run_require(r->client.wake_ms == UINT64_MAX);
    run_require(run_over(r) || r->client.state == PXE_PROMPTING);
}

#endif
