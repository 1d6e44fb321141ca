/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/dhcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/net/arp_probe.h"
#include "core/pxe_client.h"
#include "core/udp_packet.h"

#define CLIENT_PORT 68
#define FRAME_MAX 2048

struct dhcp {
    int fd;
    struct sockaddr_ll broadcast;
    struct arp_probe probe;
    struct pxe_client client;
    struct pxe_output out;
};

uint32_t dhcp_random(const uint8_t mac[6])
{
    uint32_t seed;

    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed)) {
        memcpy(&seed, mac + 2, sizeof(seed));
        seed ^= (uint32_t)time(NULL) * 2654435761u;
    }
    return seed;
}

static int open_socket(const char *interface, struct dhcp *d)
{
    d->broadcast = (struct sockaddr_ll){.sll_family = AF_PACKET,
                                        .sll_protocol = htons(ETHERTYPE_IP),
                                        .sll_ifindex = (int)if_nametoindex(interface),
                                        .sll_halen = ETH_ALEN};
    memset(d->broadcast.sll_addr, 0xff, ETH_ALEN);
    d->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETHERTYPE_IP));
    if (d->fd < 0)
        return -1;
    return bind(d->fd, (struct sockaddr *)&d->broadcast, sizeof(d->broadcast));
}

/* A lost packet is DHCP's daily bread: the machine repeats, so a failed send needs no more than that. */
static void send_output(struct dhcp *d)
{
    uint8_t frame[DHCP_PACKET_MAX + UDP_PACKET_HEADERS];
    struct udp_packet p = {.dst = d->out.dst,
                           .src_port = CLIENT_PORT,
                           .dst_port = d->out.dst_port,
                           .data = d->out.packet,
                           .size = d->out.packet_size};
    size_t size;

    if (!ip4_is_zero(d->out.probe))
        arp_probe_send(&d->probe, d->out.probe);
    if (d->out.packet_size == 0)
        return;
    size = udp_packet_build(frame, sizeof(frame), &p);
    if (sendto(d->fd, frame, size, 0, (struct sockaddr *)&d->broadcast, sizeof(d->broadcast)) < 0)
        return;
}

static void receive(struct dhcp *d)
{
    uint8_t frame[FRAME_MAX];
    struct udp_packet p;
    ssize_t n = recv(d->fd, frame, sizeof(frame), 0);

    if (n <= 0 || !udp_packet_parse(frame, (size_t)n, &p) || p.dst_port != CLIENT_PORT)
        return;
    pxe_client_packet(&d->client, p.src, p.src_port, p.data, p.size, clock_ms(), &d->out);
    send_output(d);
}

static void receive_arp(struct dhcp *d)
{
    uint8_t mac[6];

    if (!arp_probe_receive(&d->probe, mac))
        return;
    pxe_client_conflict(&d->client, mac, clock_ms(), &d->out);
    send_output(d);
}

static void wait_and_step(struct dhcp *d)
{
    struct pollfd p[] = {{.fd = d->fd, .events = POLLIN}, {.fd = d->probe.fd, .events = POLLIN}};
    uint64_t now = clock_ms();
    int timeout = d->client.wake_ms <= now          ? 0
                  : d->client.wake_ms - now > 60000 ? 60000
                                                    : (int)(d->client.wake_ms - now);

    if (poll(p, 2, timeout) > 0) {
        if (p[1].revents)
            receive_arp(d);
        if (p[0].revents)
            receive(d);
    }
    if (clock_ms() < d->client.wake_ms || d->client.state == PXE_DONE || d->client.state == PXE_FAILED)
        return;
    pxe_client_timer(&d->client, clock_ms(), &d->out);
    send_output(d);
}

int dhcp_run(const char *interface, const uint8_t mac[6], struct net_config *ret, struct failure *f)
{
    struct pxe_client_config config = {.random = dhcp_random(mac)};
    struct dhcp *d = calloc(1, sizeof(*d));
    int result = -1;

    if (!d)
        return fail(f, "out-of-memory", "no memory for DHCP");
    memcpy(config.mac, mac, 6);
    d->probe.fd = -1;
    if (open_socket(interface, d) != 0) {
        fail(f, "internal", "DHCP on %s: %s", interface, strerror(errno));
        goto out;
    }
    /* Without ARP the address is used as it comes: better than no address. */
    config.can_probe = arp_probe_open(&d->probe, interface, mac) == 0;
    pxe_client_start(&d->client, &config, clock_ms(), &d->out);
    send_output(d);
    while (d->client.state != PXE_DONE && d->client.state != PXE_FAILED)
        wait_and_step(d);
    if (d->client.state == PXE_DONE) {
        *ret = d->client.net;
        result = 0;
    } else {
        fail(f, "server", "%s: %s (%s)", error_text(d->client.error.code)->name,
             error_text(d->client.error.code)->title, error_text(d->client.error.code)->cure);
    }
out:
    arp_probe_close(&d->probe);
    if (d->fd >= 0)
        close(d->fd);
    free(d);
    return result;
}
