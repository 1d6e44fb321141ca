/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/arp_probe.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"

#define FRAME_MAX 64 /* more than a probe or its answer has */
/* As core/pxe_probe.c. */
#define PROBES 2
#define PROBE_WAIT_MS 75

static struct sockaddr_ll link_address(const struct arp_probe *p)
{
    struct sockaddr_ll ret = {.sll_family = AF_PACKET,
                              .sll_protocol = htons(ETHERTYPE_ARP),
                              .sll_ifindex = p->interface,
                              .sll_halen = ETH_ALEN};

    memset(ret.sll_addr, 0xff, ETH_ALEN);
    return ret;
}

int arp_probe_open(struct arp_probe *p, const char *interface, const uint8_t mac[6])
{
    struct sockaddr_ll address;

    *p = (struct arp_probe){.interface = (int)if_nametoindex(interface)};
    memcpy(p->mac, mac, sizeof(p->mac));
    p->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETHERTYPE_ARP));
    address = link_address(p);
    if (p->fd >= 0 && bind(p->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    arp_probe_close(p);
    return -1;
}

void arp_probe_send(struct arp_probe *p, struct ip4 address)
{
    struct sockaddr_ll to = link_address(p);
    uint8_t packet[ARP_PACKET_SIZE];

    p->address = address;
    arp_probe_build(packet, p->mac, address);
    if (sendto(p->fd, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
        return;
}

bool arp_probe_receive(struct arp_probe *p, uint8_t ret_mac[6])
{
    uint8_t packet[FRAME_MAX];
    ssize_t n = recv(p->fd, packet, sizeof(packet), 0);

    return n > 0 && !ip4_is_zero(p->address) && arp_is_conflict(packet, (size_t)n, p->mac, p->address, ret_mac);
}

void arp_probe_close(struct arp_probe *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

/* Listens after one probe. */
static bool hears_owner(struct arp_probe *p, uint8_t ret_mac[6])
{
    struct pollfd wait = {.fd = p->fd, .events = POLLIN};
    int64_t end = (int64_t)clock_ms() + PROBE_WAIT_MS, left;

    while ((left = end - (int64_t)clock_ms()) > 0)
        if (poll(&wait, 1, (int)left) > 0 && arp_probe_receive(p, ret_mac))
            return true;
    return false;
}

bool arp_probe_finds_owner(const char *interface, const uint8_t mac[6], struct ip4 address, uint8_t ret_mac[6])
{
    struct arp_probe p;
    bool found = false;

    if (arp_probe_open(&p, interface, mac) != 0)
        return false;
    for (unsigned i = 0; i < PROBES && !found; i++) {
        arp_probe_send(&p, address);
        found = hears_owner(&p, ret_mac);
    }
    arp_probe_close(&p);
    return found;
}
