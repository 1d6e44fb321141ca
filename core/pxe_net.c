/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a DHCPACK to the network configuration. */
#include "core/pxe_internal.h"

#define MTU_MIN 576 /* RFC 791: what every host must take; less would be a way to cripple the client */

bool pxe_is_host_address(struct ip4 a)
{
    return a.b[0] != 0 && a.b[0] != 127 && a.b[0] < 224;
}

/* The class of the address, for servers that leave option 1 out. */
static struct ip4 classful_netmask(struct ip4 a)
{
    struct ip4 m = {{255, 0, 0, 0}};

    if (a.b[0] >= 128)
        m.b[1] = 255;
    if (a.b[0] >= 192)
        m.b[2] = 255;
    return m;
}

static bool is_netmask(struct ip4 m)
{
    uint32_t host = ~((uint32_t)m.b[0] << 24 | (uint32_t)m.b[1] << 16 | (uint32_t)m.b[2] << 8 | m.b[3]);

    return m.b[0] != 0 && (host & (host + 1)) == 0;
}

static bool is_name_byte(uint8_t b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-' || b == '.';
}

/* A name with any other byte in it is dropped whole: half of it would be another machine's name. The end may be marked
 * by a NUL (some servers count it in the length). */
static void option_name(const struct dhcp_packet *p, uint8_t code, char *ret, size_t size)
{
    uint8_t value[128];
    size_t length = 0, n;

    ret[0] = '\0';
    if (!dhcp_packet_option(p, code, value, sizeof(value), &n))
        return;
    while (length < n && value[length] != '\0') {
        if (!is_name_byte(value[length]))
            return;
        length++;
    }
    if (length >= size || (length > 0 && (value[0] == '-' || value[0] == '.')))
        return;
    memcpy(ret, value, length);
    ret[length] = '\0';
}

static void read_dns(struct net_config *ret, const struct dhcp_packet *ack)
{
    uint8_t value[255];
    struct cursor c;
    size_t size;

    if (!dhcp_packet_option(ack, DHCP_OPTION_DNS, value, sizeof(value), &size))
        return;
    cursor_init(&c, value, size);
    ret->dns[0] = cursor_ip4(&c);
    ret->dns[1] = cursor_ip4(&c);
}

void pxe_net_from_ack(struct net_config *ret, const struct dhcp_packet *ack)
{
    memset(ret, 0, sizeof(*ret));
    ret->address = dhcp_packet_yiaddr(ack);
    ret->netmask = dhcp_packet_ip4(ack, DHCP_OPTION_NETMASK);
    if (!is_netmask(ret->netmask))
        ret->netmask = classful_netmask(ret->address);
    ret->gateway = dhcp_packet_ip4(ack, DHCP_OPTION_ROUTER);
    ret->dhcp_server = dhcp_packet_ip4(ack, DHCP_OPTION_SERVER_ID);
    ret->lease_seconds = dhcp_packet_number(ack, DHCP_OPTION_LEASE, 4, DHCP_LEASE_FOR_EVER);
    ret->mtu = (uint16_t)dhcp_packet_number(ack, DHCP_OPTION_MTU, 2, 0);
    if (ret->mtu < MTU_MIN)
        ret->mtu = 0;
    read_dns(ret, ack);
    option_name(ack, DHCP_OPTION_HOST_NAME, ret->host_name, sizeof(ret->host_name));
    option_name(ack, DHCP_OPTION_DOMAIN, ret->domain, sizeof(ret->domain));
}
