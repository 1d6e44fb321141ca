/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An MTFTP server and several clients on a bad network, simulated with a clock of their own: same seed, same run. For
 * test_mtftp_network.c. The server does what atftpd 0.8 does (--mtftp):
 *   - a transfer has a port of its own; while it runs, requests are ignored
 *   - block 1 goes to the client that asked, every other block to the group
 *   - each ACK of that client is answered with the block behind it, old or repeated as it may be; others' are ignored
 *   - 5 s without an ACK: the block again, five times; then the transfer is over
 * or, as Intel's server, sends block 1 to the group as well, and everything from its well-known port, and takes only
 * the ACK of the block that it sent last. */
#ifndef SLIPWAY_CORE_TESTS_MTFTP_LAB_H
#define SLIPWAY_CORE_TESTS_MTFTP_LAB_H

#include <stdlib.h>
#include <string.h>

#include "core/mtftp.h"
#include "core/tftp_packet.h"

#define LAB_CLIENTS 5
#define LAB_PACKETS 4096
#define LAB_SERVER_TIMEOUT_MS 5000
#define LAB_SERVER_RETRIES 5
#define LAB_SERVER_PORT 1759
#define LAB_GIVE_UP_MS (2 * 3600 * 1000u)
#define LAB_MAX_SIZE (40u << 20)

struct lab_config {
    uint64_t file_size;
    unsigned clients;
    uint64_t start_ms[LAB_CLIENTS], die_ms[LAB_CLIENTS]; /* 0: never dies */
    uint64_t server_dies_ms, file_changes_ms;            /* 0: never */
    uint8_t listen_s, reopen_s;
    bool as_intel;
    bool no_multicast; /* a switch that does not pass the group on */
    uint16_t blksize;  /* 0: 512 */
    unsigned lose, duplicate; /* percent, for each receiver */
    unsigned jitter_ms;
    uint32_t seed;
};

struct lab_packet {
    bool used, to_server, multicast;
    unsigned client; /* receiver, or sender when to_server */
    uint64_t at, order;
    uint16_t port;   /* of the server */
    size_t size;
    uint8_t *bytes;
};

struct lab_client {
    struct mtftp m;
    uint8_t bitmap[MTFTP_BITMAP_SIZE(LAB_MAX_SIZE)];
    uint8_t *seen; /* per block of the file */
    uint64_t bytes_taken, done_ms;
    bool started, dead, joined, wrong;
    unsigned requests, times_master;
};

struct lab {
    struct lab_config config;
    struct lab_client clients[LAB_CLIENTS];
    struct mtftp_output out;
    uint64_t now, order, random;
    struct lab_packet packets[LAB_PACKETS];
    size_t packets_end;
    /* The server. */
    bool serving;
    unsigned master, retries;
    uint16_t port;
    uint64_t block, server_wake;
    /* What was seen. */
    uint64_t server_blocks;
    unsigned transfers;
};

static const struct ip4 lab_server = {{10, 77, 0, 2}};
static const struct ip4 lab_group = {{239, 1, 1, 1}};

static uint8_t lab_byte(const struct lab *l, uint64_t at)
{
    bool changed = l->config.file_changes_ms != 0 && l->now >= l->config.file_changes_ms;

    return (uint8_t)(at * 31 + (at >> 8) * 17 + (at >> 16) * 7 + (at >> 24) + changed);
}

static uint32_t lab_random(struct lab *l, uint32_t below)
{
    l->random = l->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(l->random >> 33) % below;
}

static void lab_put(struct lab *l, struct lab_packet packet, const uint8_t *bytes)
{
    for (size_t i = 0; i < LAB_PACKETS; i++) {
        struct lab_packet *p = &l->packets[i];

        if (p->used)
            continue;
        *p = packet;
        p->used = true;
        p->at = l->now + 1 + (l->config.jitter_ms ? lab_random(l, l->config.jitter_ms + 1) : 0);
        p->order = l->order++;
        p->bytes = malloc(packet.size);
        memcpy(p->bytes, bytes, packet.size);
        if (i >= l->packets_end)
            l->packets_end = i + 1;
        return;
    }
    abort();
}

static void lab_send(struct lab *l, struct lab_packet packet, const uint8_t *bytes)
{
    if (lab_random(l, 100) < l->config.lose)
        return;
    lab_put(l, packet, bytes);
    if (lab_random(l, 100) < l->config.duplicate)
        lab_put(l, packet, bytes);
}

static uint64_t lab_last_block(const struct lab *l)
{
    return l->config.file_size / l->config.blksize + 1;
}

static void lab_send_to(struct lab *l, unsigned client, bool multicast, const uint8_t *packet, size_t size)
{
    struct lab_packet p = {.client = client, .multicast = multicast, .port = l->port, .size = size};

    if (multicast && (l->config.no_multicast || !l->clients[client].joined))
        return;
    lab_send(l, p, packet);
}

static void lab_send_block(struct lab *l)
{
    uint8_t packet[4 + 2048] = {0, TFTP_DATA, (uint8_t)(l->block >> 8), (uint8_t)l->block};
    uint64_t offset = (l->block - 1) * l->config.blksize, left = l->config.file_size - offset;
    size_t size = left < l->config.blksize ? (size_t)left : l->config.blksize;

    for (size_t i = 0; i < size; i++)
        packet[4 + i] = lab_byte(l, offset + i);
    l->server_blocks++;
    l->server_wake = l->now + LAB_SERVER_TIMEOUT_MS;
    if (l->block == 1)
        lab_send_to(l, l->master, false, packet, 4 + size);
    if (l->block > 1 || l->config.as_intel)
        for (unsigned i = 0; i < l->config.clients; i++)
            lab_send_to(l, i, true, packet, 4 + size);
}

static void lab_server_ends(struct lab *l)
{
    l->serving = false;
    l->server_wake = UINT64_MAX;
}

static void lab_server_times_out(struct lab *l)
{
    if (++l->retries > LAB_SERVER_RETRIES)
        lab_server_ends(l);
    else
        lab_send_block(l);
}

static void lab_on_request(struct lab *l, unsigned client)
{
    l->clients[client].requests++;
    if (l->serving)
        return;
    l->serving = true;
    l->transfers++;
    l->master = client;
    l->clients[client].times_master++;
    l->port = l->config.as_intel ? LAB_SERVER_PORT : (uint16_t)(3000 + l->transfers % 1000);
    l->block = 1;
    l->retries = 0;
    lab_send_block(l);
}

static void lab_on_ack(struct lab *l, uint16_t number)
{
    int16_t ahead = (int16_t)(uint16_t)(number - (uint16_t)l->block);
    uint64_t acked = l->block + (uint64_t)(int64_t)ahead;

    if (l->config.as_intel && ahead != 0)
        return;
    l->retries = 0;
    l->block = acked + 1;
    if (acked >= lab_last_block(l))
        lab_server_ends(l);
    else
        lab_send_block(l);
}

static void lab_server_gets(struct lab *l, const struct lab_packet *p, const uint8_t *bytes)
{
    if (l->config.server_dies_ms != 0 && l->now >= l->config.server_dies_ms)
        return;
    if (bytes[1] == TFTP_RRQ && p->port == LAB_SERVER_PORT)
        lab_on_request(l, p->client);
    else if (!l->serving || p->client != l->master || p->port != l->port)
        return;
    else if (bytes[1] == TFTP_ACK)
        lab_on_ack(l, (uint16_t)(bytes[2] << 8 | bytes[3]));
    else if (bytes[1] == TFTP_ERROR)
        lab_server_ends(l);
}

static void lab_client_stores(struct lab *l, struct lab_client *c)
{
    uint64_t block = l->out.data_offset / l->config.blksize;

    c->bytes_taken += l->out.data_size;
    if (l->out.data_offset + l->out.data_size > l->config.file_size || c->seen[block]++) {
        c->wrong = true;
        return;
    }
    for (size_t i = 0; i < l->out.data_size; i++)
        c->wrong |= l->out.data[i] != lab_byte(l, l->out.data_offset + i);
}

static void lab_client_did(struct lab *l, unsigned number)
{
    struct lab_client *c = &l->clients[number];
    struct lab_packet p = {.to_server = true, .client = number, .port = l->out.send_port, .size = l->out.packet_size};

    if (l->out.join)
        c->joined = true;
    if (l->out.data_size > 0)
        lab_client_stores(l, c);
    if (l->out.send_port != 0)
        lab_send(l, p, l->out.packet);
    if (l->out.leave)
        c->joined = false;
    if (l->out.leave && c->m.state == MTFTP_DONE)
        c->done_ms = l->now;
}

static void lab_deliver(struct lab *l, struct lab_packet *p)
{
    struct lab_client *c = &l->clients[p->client];
    uint8_t *bytes = p->bytes; /* on the heap, so that the sanitizer sees a read behind its end */

    p->used = false;
    if (p->to_server) {
        lab_server_gets(l, p, bytes);
    } else if (c->started && !c->dead) {
        mtftp_packet(&c->m, lab_server, p->port, p->multicast, bytes, p->size, l->now, &l->out);
        lab_client_did(l, p->client);
    }
    free(bytes);
}

static struct lab_packet *lab_next_packet(struct lab *l)
{
    struct lab_packet *next = NULL;

    for (size_t i = 0; i < l->packets_end; i++) {
        struct lab_packet *p = &l->packets[i];

        if (p->used && (!next || p->at < next->at || (p->at == next->at && p->order < next->order)))
            next = p;
    }
    return next;
}

static bool lab_client_is_over(const struct lab_client *c)
{
    return c->dead || (c->started && (c->m.state == MTFTP_DONE || c->m.state == MTFTP_FAILED));
}

static uint64_t lab_client_wake(const struct lab *l, unsigned number)
{
    const struct lab_client *c = &l->clients[number];
    uint64_t die = l->config.die_ms[number];
    uint64_t wake = c->started ? c->m.wake_ms : l->config.start_ms[number];

    if (c->dead)
        return UINT64_MAX;
    return die != 0 && die < wake ? die : wake;
}

static struct mtftp_config lab_client_config(const struct lab *l, struct lab_client *c)
{
    return (struct mtftp_config){
        .server = lab_server,
        .file = "boot/slipway.efi",
        .net = {lab_group, 1758, LAB_SERVER_PORT, l->config.listen_s, l->config.reopen_s},
        .max_size = LAB_MAX_SIZE,
        .bitmap = c->bitmap,
        .bitmap_size = sizeof(c->bitmap),
        .timeout_ms = 500,
        .retries = 6,
        .opens = 8,
        .stall_ms = 180000,
    };
}

static void lab_client_wakes(struct lab *l, unsigned number)
{
    struct lab_client *c = &l->clients[number];
    struct mtftp_config config = lab_client_config(l, c);

    if (l->config.die_ms[number] != 0 && l->now >= l->config.die_ms[number]) {
        c->dead = true;
        c->joined = false;
        return;
    }
    if (c->started) {
        mtftp_timer(&c->m, l->now, &l->out);
    } else {
        memset(c->bitmap, 0xee, sizeof(c->bitmap));
        mtftp_start(&c->m, &config, l->now, &l->out);
        c->started = true;
    }
    lab_client_did(l, number);
}

/* One event; false when nothing will ever happen again. */
static bool lab_step(struct lab *l)
{
    struct lab_packet *p = lab_next_packet(l);
    uint64_t first = UINT64_MAX;
    unsigned client = 0;

    for (unsigned i = l->config.clients; i-- > 0;)
        if (lab_client_wake(l, i) <= first) {
            first = lab_client_wake(l, i);
            client = i;
        }
    if (p && p->at <= first && p->at <= l->server_wake) {
        l->now = p->at;
        lab_deliver(l, p);
    } else if (first <= l->server_wake) {
        l->now = first == UINT64_MAX ? LAB_GIVE_UP_MS : first;
        lab_client_wakes(l, client);
    } else {
        l->now = l->server_wake;
        lab_server_times_out(l);
    }
    return l->now < LAB_GIVE_UP_MS;
}

static bool lab_is_over(const struct lab *l)
{
    for (unsigned i = 0; i < l->config.clients; i++)
        if (!lab_client_is_over(&l->clients[i]))
            return false;
    return true;
}

static void lab_run(struct lab *l, const struct lab_config *config)
{
    memset(l, 0, sizeof(*l));
    l->config = *config;
    if (config->blksize == 0)
        l->config.blksize = 512;
    l->random = config->seed;
    l->server_wake = UINT64_MAX;
    for (unsigned i = 0; i < config->clients; i++)
        l->clients[i].seen = calloc(1, config->file_size / l->config.blksize + 1);
    while (!lab_is_over(l) && lab_step(l))
        ;
    for (struct lab_packet *p = lab_next_packet(l); p; p = lab_next_packet(l))
        lab_deliver(l, p);
    for (unsigned i = 0; i < config->clients; i++)
        free(l->clients[i].seen);
}

#endif
