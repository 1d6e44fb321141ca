/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TFTP server and a bad network, simulated with a clock of their own: same seed, same run. For test_tftp_network.c.
 */
#ifndef SLIPWAY_CORE_TESTS_TFTP_LAB_H
#define SLIPWAY_CORE_TESTS_TFTP_LAB_H

#include <stdlib.h>
#include <string.h>

#include "core/tftp.h"
#include "core/tftp_packet.h"

#define LAB_PACKETS 4096
#define LAB_SERVER_TIMEOUT_MS 1000
#define LAB_GIVE_UP_MS (4 * 3600 * 1000u)

enum lab_manners { LAB_KNOWS_OPTIONS, LAB_IGNORES_OPTIONS, LAB_REFUSES_OPTIONS };

struct lab_config {
    uint64_t file_size;
    enum lab_manners manners;
    uint16_t refusal; /* error code of LAB_REFUSES_OPTIONS */
    uint16_t max_blksize, max_windowsize;
    bool apprentice; /* answers a repeated ACK with the block again, as before RFC 1123 */
    bool echoes_zero_size;
    unsigned lose, duplicate; /* percent */
    unsigned jitter_ms;       /* how far packets may overtake each other */
    uint32_t seed;
};

struct lab_packet {
    bool to_client, used;
    uint64_t at, order;
    uint16_t client_to_port;
    size_t size;
    uint8_t *bytes;
};

struct lab {
    struct lab_config config;
    struct tftp client;
    struct tftp_output out;
    uint64_t now, order, random;
    struct lab_packet packets[LAB_PACKETS];
    size_t packets_end; /* no packet in use from here on */
    /* The server. */
    bool serving;
    uint16_t blksize, windowsize;
    uint64_t base; /* lowest block that was not acknowledged; 0: the OACK */
    uint64_t server_wake;
    /* What was seen. */
    uint64_t bytes_taken, client_packets, server_blocks;
    bool data_wrong;
};

static const struct ip4 lab_server = {{10, 77, 0, 2}};

static uint8_t lab_byte(uint64_t at)
{
    return (uint8_t)(at * 31 + (at >> 8) * 17 + (at >> 16) * 7 + (at >> 24));
}

static uint32_t lab_random(struct lab *l, uint32_t below)
{
    l->random = l->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(l->random >> 33) % below;
}

static void lab_put(struct lab *l, bool to_client, uint16_t port, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < LAB_PACKETS; i++) {
        struct lab_packet *p = &l->packets[i];

        if (p->used)
            continue;
        *p = (struct lab_packet){to_client, true, l->now + 1, l->order++, port, size, malloc(size)};
        if (i >= l->packets_end)
            l->packets_end = i + 1;
        if (l->config.jitter_ms)
            p->at += lab_random(l, l->config.jitter_ms + 1);
        memcpy(p->bytes, bytes, size);
        return;
    }
    abort();
}

static void lab_send(struct lab *l, bool to_client, uint16_t port, const uint8_t *bytes, size_t size)
{
    if (lab_random(l, 100) < l->config.lose)
        return;
    lab_put(l, to_client, port, bytes, size);
    if (lab_random(l, 100) < l->config.duplicate)
        lab_put(l, to_client, port, bytes, size);
}

static uint64_t lab_last_block(const struct lab *l)
{
    return l->config.file_size / l->blksize + 1;
}

static void lab_send_block(struct lab *l, uint64_t block)
{
    uint8_t packet[4 + 2048] = {0, TFTP_DATA, (uint8_t)(block >> 8), (uint8_t)block};
    uint64_t offset = (block - 1) * l->blksize, left = l->config.file_size - offset;
    size_t size = left < l->blksize ? (size_t)left : l->blksize;

    for (size_t i = 0; i < size; i++)
        packet[4 + i] = lab_byte(offset + i);
    l->server_blocks++;
    lab_send(l, true, 3000, packet, 4 + size);
}

static void lab_put_option(struct writer *w, const char *name, uint64_t value)
{
    char text[64];
    struct text t;

    text_init(&t, text, sizeof(text));
    text_string(&t, name);
    text_char(&t, '=');
    text_unsigned(&t, value);
    writer_bytes(w, text, t.length + 1);
    w->bytes[w->length - t.length - 1 + strlen(name)] = 0;
}

static void lab_send_oack(struct lab *l)
{
    uint8_t packet[128];
    struct writer w;

    writer_init(&w, packet, sizeof(packet));
    writer_u16(&w, TFTP_OACK);
    lab_put_option(&w, "BlkSize", l->blksize);
    lab_put_option(&w, "tsize", l->config.echoes_zero_size ? 0 : l->config.file_size);
    if (l->windowsize > 1)
        lab_put_option(&w, "windowsize", l->windowsize);
    lab_send(l, true, 3000, packet, w.length);
}

static void lab_send_window(struct lab *l)
{
    l->server_wake = l->now + LAB_SERVER_TIMEOUT_MS;
    if (l->base == 0) {
        lab_send_oack(l);
        return;
    }
    for (uint64_t b = l->base; b < l->base + l->windowsize && b <= lab_last_block(l); b++)
        lab_send_block(l, b);
}

static unsigned lab_asked(const uint8_t *packet, size_t size, const char *name, unsigned otherwise)
{
    const uint8_t *at = memmem(packet, size, name, strlen(name) + 1);

    return at ? (unsigned)atoi((const char *)at + strlen(name) + 1) : otherwise;
}

static void lab_on_request(struct lab *l, const uint8_t *packet, size_t size)
{
    unsigned blksize = lab_asked(packet, size, "blksize", 0);
    unsigned windowsize = lab_asked(packet, size, "windowsize", 1);

    if (l->config.manners == LAB_REFUSES_OPTIONS && blksize != 0) {
        uint8_t refusal[] = {0, TFTP_ERROR, 0, (uint8_t)l->config.refusal, 'n', 'o', 0};

        lab_send(l, true, 2999, refusal, sizeof(refusal));
        return;
    }
    if (l->serving)
        return; /* as if the second request had been answered from a port whose packets were all lost */
    l->serving = true;
    l->blksize = 512;
    l->windowsize = 1;
    l->base = 1;
    if (l->config.manners == LAB_KNOWS_OPTIONS && blksize != 0) {
        l->blksize = (uint16_t)(blksize < l->config.max_blksize ? blksize : l->config.max_blksize);
        l->windowsize = (uint16_t)(windowsize < l->config.max_windowsize ? windowsize : l->config.max_windowsize);
        l->base = 0;
    }
    lab_send_window(l);
}

/* RFC 7440: an ACK inside the window begins the next one behind it. */
static void lab_on_ack(struct lab *l, uint16_t number)
{
    uint64_t window = l->base == 0 ? 1 : l->windowsize;
    uint16_t ahead = (uint16_t)(number - (uint16_t)l->base);

    if (ahead < window) {
        l->base += ahead + 1u;
    } else if (ahead == UINT16_MAX) {
        /* The ACK before this window: a hole right at its beginning, or a duplicate. */
        if (l->windowsize == 1 && !l->config.apprentice)
            return;
    } else {
        return;
    }
    if (l->base > lab_last_block(l)) {
        l->server_wake = UINT64_MAX;
        return;
    }
    lab_send_window(l);
}

static void lab_client_did(struct lab *l)
{
    if (l->out.data_size > 0) {
        l->data_wrong |= l->out.data_offset != l->bytes_taken;
        for (size_t i = 0; i < l->out.data_size; i++)
            l->data_wrong |= l->out.data[i] != lab_byte(l->bytes_taken + i);
        l->bytes_taken += l->out.data_size;
    }
    if (l->out.send_port != 0) {
        l->client_packets++;
        lab_send(l, false, l->out.send_port, l->out.packet, l->out.packet_size);
    }
}

static void lab_deliver(struct lab *l, struct lab_packet *p)
{
    uint8_t *bytes = p->bytes; /* on the heap, so that the sanitizer sees a read behind its end */

    p->used = false;
    if (p->to_client) {
        tftp_packet(&l->client, lab_server, p->client_to_port, bytes, p->size, l->now, &l->out);
        lab_client_did(l);
    } else if (bytes[1] == TFTP_RRQ) {
        lab_on_request(l, bytes, p->size);
    } else if (bytes[1] == TFTP_ACK) {
        lab_on_ack(l, (uint16_t)(bytes[2] << 8 | bytes[3]));
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

/* One event; false when nothing will ever happen again. */
static bool lab_step(struct lab *l)
{
    struct lab_packet *p = lab_next_packet(l);
    uint64_t at = p ? p->at : UINT64_MAX;

    if (at <= l->client.wake_ms && at <= l->server_wake) {
        if (!p)
            return false;
        l->now = at;
        lab_deliver(l, p);
    } else if (l->client.wake_ms <= l->server_wake) {
        l->now = l->client.wake_ms;
        tftp_timer(&l->client, l->now, &l->out);
        lab_client_did(l);
    } else {
        l->now = l->server_wake;
        lab_send_window(l);
    }
    return l->now < LAB_GIVE_UP_MS;
}

static void lab_clear(struct lab *l)
{
    for (size_t i = 0; i < l->packets_end; i++)
        if (l->packets[i].used)
            free(l->packets[i].bytes);
}

static void lab_run(struct lab *l, const struct lab_config *config, const struct tftp_config *client)
{
    memset(l, 0, sizeof(*l));
    l->config = *config;
    l->random = config->seed;
    l->server_wake = UINT64_MAX;
    tftp_start(&l->client, client, 0, &l->out);
    lab_client_did(l);
    while (l->client.state != TFTP_DONE && l->client.state != TFTP_FAILED && lab_step(l))
        ;
    lab_clear(l);
}

#endif
