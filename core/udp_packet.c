/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/udp_packet.h"

#define IP_HEADER 20
#define UDP_HEADER 8
#define PROTOCOL_UDP 17
#define TIME_TO_LIVE 64

static void put16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* RFC 1071. No more than 64 KiB, lest the sum overflow. */
static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += get16(bytes + i);
    return size % 2 ? sum + (uint32_t)(bytes[size - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static uint16_t header_checksum(const uint8_t *header, size_t size)
{
    return fold(sum16(0, header, size));
}

size_t udp_packet_build(uint8_t *ret, size_t room, const struct udp_packet *p)
{
    size_t total = UDP_PACKET_HEADERS + p->size;

    if (p->size > UINT16_MAX - UDP_PACKET_HEADERS || total > room)
        return 0;
    memset(ret, 0, UDP_PACKET_HEADERS);
    ret[0] = 4 << 4 | IP_HEADER / 4;
    put16(ret + 2, total);
    ret[8] = TIME_TO_LIVE;
    ret[9] = PROTOCOL_UDP;
    memcpy(ret + 12, p->src.b, 4);
    memcpy(ret + 16, p->dst.b, 4);
    put16(ret + 10, header_checksum(ret, IP_HEADER));
    put16(ret + IP_HEADER, p->src_port);
    put16(ret + IP_HEADER + 2, p->dst_port);
    put16(ret + IP_HEADER + 4, UDP_HEADER + p->size); /* the checksum stays 0: none, as RFC 768 allows */
    memcpy(ret + UDP_PACKET_HEADERS, p->data, p->size);
    return total;
}

bool udp_packet_parse(const uint8_t *bytes, size_t size, struct udp_packet *ret)
{
    size_t header, total, udp_size;

    if (size < IP_HEADER || bytes[0] >> 4 != 4 || bytes[9] != PROTOCOL_UDP)
        return false;
    header = (size_t)(bytes[0] & 15) * 4;
    total = get16(bytes + 2);
    if (header < IP_HEADER || total > size || total < header + UDP_HEADER)
        return false;
    if ((get16(bytes + 6) & 0x3fff) != 0 || header_checksum(bytes, header) != 0) /* a fragment; a broken header */
        return false;
    udp_size = get16(bytes + header + 4);
    if (udp_size < UDP_HEADER || udp_size > total - header)
        return false;
    memcpy(ret->src.b, bytes + 12, 4);
    memcpy(ret->dst.b, bytes + 16, 4);
    ret->src_port = get16(bytes + header);
    ret->dst_port = get16(bytes + header + 2);
    ret->data = bytes + header + UDP_HEADER;
    ret->size = udp_size - UDP_HEADER;
    return true;
}

bool udp_packet_is_intact(const struct udp_packet *p)
{
    const uint8_t *header = p->data - UDP_HEADER;
    size_t size = p->size + UDP_HEADER;
    uint32_t sum = PROTOCOL_UDP + (uint32_t)size;

    if (get16(header + 6) == 0)
        return true;
    sum = sum16(sum, p->src.b, sizeof(p->src.b));
    sum = sum16(sum, p->dst.b, sizeof(p->dst.b));
    return fold(sum16(sum, header, size)) == 0;
}
