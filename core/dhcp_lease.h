/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping a lease while the work takes longer than it lasts (RFC 2131 4.4.5):
 *
 *   LEASE_ASKED      the address came without its lease (on a command line): who has given it, and for how long?
 *                    broadcast REQUEST, four tries; ACK -> bound; silence or NAK -> left
 *   LEASE_BOUND      until T1
 *   LEASE_RENEWING   REQUEST to the server that gave it, until T2
 *   LEASE_REBINDING  REQUEST to everybody, until the end of the lease
 *   LEASE_LEFT       nobody extends it: for ever, or its time is over, or it was never a lease
 *
 * The caller owns socket and clock. An address is never changed by this: work that has begun on it goes on. */
#ifndef SLIPWAY_CORE_DHCP_LEASE_H
#define SLIPWAY_CORE_DHCP_LEASE_H

#include "core/base.h"
#include "core/dhcp_packet.h"

enum dhcp_lease_state { LEASE_ASKED, LEASE_BOUND, LEASE_RENEWING, LEASE_REBINDING, LEASE_LEFT };

enum dhcp_lease_news {
    LEASE_NO_NEWS,
    LEASE_EXTENDED, /* by .server, for .seconds */
    LEASE_REFUSED,  /* .server says that the address is not this machine's */
    LEASE_EXPIRED,  /* nobody has extended it: another machine may get the address */
};

struct dhcp_lease {
    enum dhcp_lease_state state;
    uint64_t wake_ms; /* call dhcp_lease_timer at this time; UINT64_MAX: never */
    struct ip4 address;
    struct ip4 server; /* who gave it; zero: unknown */
    uint32_t seconds;  /* how long it was given for */
    struct {
        uint8_t mac[6];
        uint32_t xid;
        unsigned tries;
        uint64_t asked_ms, begun_ms, rebind_ms, end_ms;
    } p;
};

struct dhcp_lease_output {
    /* One datagram to send from port 68 and .address to port 67, if packet_size > 0. */
    size_t packet_size;
    struct ip4 dst; /* 255.255.255.255: broadcast */
    uint8_t packet[DHCP_PACKET_MAX];
    enum dhcp_lease_news news;
};

/* Begins with an address that `server` has just given for `seconds` (0: how long, and by whom, is not known).
 * `random` tells machines and boots apart. */
void dhcp_lease_start(struct dhcp_lease *l, struct ip4 address, struct ip4 server, uint32_t seconds,
                      const uint8_t mac[6], uint32_t random, uint64_t now_ms, struct dhcp_lease_output *out);

/* A UDP datagram from port 67 arrived at port 68. What is not the answer to the last question is ignored. */
void dhcp_lease_packet(struct dhcp_lease *l, struct ip4 src, const uint8_t *data, size_t size,
                       struct dhcp_lease_output *out);

/* Call when now_ms >= l->wake_ms. */
void dhcp_lease_timer(struct dhcp_lease *l, uint64_t now_ms, struct dhcp_lease_output *out);

#endif
