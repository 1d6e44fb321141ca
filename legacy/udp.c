/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/udp.h"

#include "legacy/pxe.h"

#define IP4_MULTICAST_FIRST 224 /* first byte; behind them is broadcast: neither goes by a gateway */

static bool is_open;
static uint8_t sent[UDP_MAX], received[UDP_MAX + 64];

static uint16_t swap(uint16_t v)
{
    return (uint16_t)(v << 8 | v >> 8);
}

uint16_t udp_open(struct ip4 address)
{
    struct {
        uint16_t status;
        struct ip4 address;
    } __attribute__((packed)) p = {.address = address};
    uint16_t status;

    udp_close();
    status = pxe_call(PXE_UDP_OPEN, &p);
    is_open = status == 0;
    return status;
}

void udp_close(void)
{
    uint16_t status = 0;

    if (is_open)
        pxe_call(PXE_UDP_CLOSE, &status);
    is_open = false;
}

uint16_t udp_send(const struct net_config *net, struct ip4 dst, uint16_t src_port, uint16_t dst_port, const void *data,
                  size_t size)
{
    struct {
        uint16_t status;
        struct ip4 dst, gateway;
        uint16_t src_port, dst_port, size;
        struct real_pointer buffer;
    } __attribute__((packed)) p = {
        .dst = dst,
        .src_port = swap(src_port),
        .dst_port = swap(dst_port),
        .size = (uint16_t)size,
        .buffer = real_pointer(sent),
    };

    if (net && !net_config_is_local(net, dst) && dst.b[0] < IP4_MULTICAST_FIRST)
        p.gateway = net->gateway;
    memcpy(sent, data, size);
    return pxe_call(PXE_UDP_WRITE, &p);
}

bool udp_receive(struct udp_datagram *ret)
{
    struct {
        uint16_t status;
        struct ip4 src, dst;
        uint16_t src_port, dst_port, size;
        struct real_pointer buffer;
    } __attribute__((packed)) p = {
        .size = sizeof(received),
        .buffer = real_pointer(received),
    };

    if (pxe_call(PXE_UDP_READ, &p) != 0 || p.size > sizeof(received))
        return false;
    *ret = (struct udp_datagram){
        .src = p.src, .dst = p.dst, .src_port = swap(p.src_port), .port = swap(p.dst_port), .data = received, .size = p.size};
    return true;
}
