/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/confirmation.h"

#include "core/pxe_internal.h"

#define NO_ARCH 0xffff
#define OPTION_MAX 255

bool confirmation_receiver(const struct pxe_client *c, unsigned n, struct ip4 *ret_server, uint16_t *ret_port)
{
    struct ip4 offered_by = c->plan.offered_by, server = c->plan.server;

    if (ip4_is_zero(offered_by))
        n++;
    if (n > 1 || (n == 1 && ip4_is_zero(server)))
        return false;
    *ret_server = n == 0 ? offered_by : server;
    *ret_port = n == 0 ? PXE_SERVER_PORT : CONFIRMATION_PORT;
    return true;
}

size_t confirmation_write(const struct pxe_client *c, uint8_t *packet, size_t size)
{
    uint8_t message = DHCP_INFORM;
    struct dhcp_header h = {.op = DHCP_BOOTREQUEST, .xid = c->p.xid, .ciaddr = c->net.address, .mac = c->config.mac};
    struct writer w;

    writer_init(&w, packet, size);
    dhcp_write_header(&w, &h);
    dhcp_write_option(&w, DHCP_OPTION_MESSAGE, &message, 1);
    pxe_write_identity(&w, &c->config);
    if (c->plan.item_type != PXE_NO_ITEM)
        pxe_write_item(&w, c->plan.item_type, c->plan.item_layer);
    dhcp_write_option(&w, DHCP_OPTION_FILE, c->plan.file, (uint8_t)text_length(c->plan.file, OPTION_MAX));
    dhcp_write_end(&w);
    return w.failed ? 0 : w.length;
}

static void read_uuid(struct confirmation *c, const struct dhcp_packet *p)
{
    uint8_t value[17];
    size_t size;

    c->has_uuid =
        dhcp_packet_option(p, DHCP_OPTION_UUID, value, sizeof(value), &size) && size == sizeof(value) && value[0] == 0;
    if (c->has_uuid)
        memcpy(c->uuid, value + 1, sizeof(c->uuid));
}

static uint16_t read_arch(const struct dhcp_packet *p)
{
    uint8_t value[2];
    size_t size;

    if (!dhcp_packet_option(p, DHCP_OPTION_ARCH, value, sizeof(value), &size) || size != 2)
        return NO_ARCH;
    return (uint16_t)(value[0] << 8 | value[1]);
}

bool confirmation_read(struct confirmation *ret, const uint8_t *data, size_t size)
{
    struct confirmation c = {.arch = NO_ARCH};
    struct dhcp_packet p;

    if (!dhcp_packet_parse(&p, data, size) || dhcp_packet_op(&p) != DHCP_BOOTREQUEST ||
        dhcp_packet_message(&p) != DHCP_INFORM || !dhcp_packet_is_pxe(&p) || !dhcp_packet_file(&p, c.file))
        return false;
    memcpy(c.mac, dhcp_packet_mac(&p), sizeof(c.mac));
    c.address = dhcp_packet_ciaddr(&p);
    c.arch = read_arch(&p);
    c.has_item = pxe_boot_item(&p, &c.type, &c.layer);
    read_uuid(&c, &p);
    *ret = c;
    return true;
}
