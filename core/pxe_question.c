/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's four questions, and its one refusal. */
#include "core/pxe_internal.h"

static const struct ip4 BROADCAST = {{255, 255, 255, 255}};
static const struct ip4 NOBODY = {{0, 0, 0, 0}};

static const uint8_t plain_parameters[] = {
    DHCP_OPTION_NETMASK, DHCP_OPTION_ROUTER, DHCP_OPTION_DNS,   DHCP_OPTION_HOST_NAME,
    DHCP_OPTION_DOMAIN,  DHCP_OPTION_MTU,    DHCP_OPTION_LEASE, DHCP_OPTION_SERVER_ID,
};
static const uint8_t pxe_parameters[] = {
    DHCP_OPTION_NETMASK,     DHCP_OPTION_ROUTER, DHCP_OPTION_DNS,   DHCP_OPTION_HOST_NAME, DHCP_OPTION_DOMAIN,
    DHCP_OPTION_MTU,         DHCP_OPTION_VENDOR, DHCP_OPTION_LEASE, DHCP_OPTION_SERVER_ID, DHCP_OPTION_CLASS,
    DHCP_OPTION_SERVER_NAME, DHCP_OPTION_FILE,   DHCP_OPTION_UUID,
};

static void digits(char *to, unsigned value, unsigned count)
{
    while (count-- > 0) {
        to[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* PXE 2.1 2.2: "PXEClient:Arch:xxxxx:UNDI:yyyzzz". */
static void write_class(struct writer *w, const struct pxe_client_config *config)
{
    char name[] = "PXEClient:Arch:00000:UNDI:000000";

    digits(name + 15, config->arch, 5);
    digits(name + 26, config->undi_major, 3);
    digits(name + 29, config->undi_minor, 3);
    dhcp_write_option(w, DHCP_OPTION_CLASS, name, sizeof(name) - 1);
}

/* RFC 3004: each class has a length byte of its own before it. */
static void write_user_class(struct writer *w, const char *name)
{
    uint8_t value[64];
    size_t size = text_length(name, sizeof(value) - 1);

    value[0] = (uint8_t)size;
    memcpy(value + 1, name, size);
    dhcp_write_option(w, DHCP_OPTION_USER_CLASS, value, (uint8_t)(size + 1));
}

void pxe_write_identity(struct writer *w, const struct pxe_client_config *config)
{
    uint8_t arch[2] = {(uint8_t)(config->arch >> 8), (uint8_t)config->arch};
    uint8_t undi[3] = {1, config->undi_major, config->undi_minor};
    uint8_t uuid[17] = {0};

    write_class(w, config);
    if (config->user_class)
        write_user_class(w, config->user_class);
    dhcp_write_option(w, DHCP_OPTION_ARCH, arch, sizeof(arch));
    dhcp_write_option(w, DHCP_OPTION_UNDI, undi, sizeof(undi));
    if (config->has_uuid) {
        memcpy(uuid + 1, config->uuid, 16);
        dhcp_write_option(w, DHCP_OPTION_UUID, uuid, sizeof(uuid));
    }
}

void pxe_write_item(struct writer *w, uint16_t type, uint16_t layer)
{
    uint8_t item[] = {PXE_TAG_BOOT_ITEM, 4,      (uint8_t)(type >> 8), (uint8_t)type, (uint8_t)(layer >> 8),
                      (uint8_t)layer,    TLV_END};

    dhcp_write_option(w, DHCP_OPTION_VENDOR, item, sizeof(item));
}

/* Header and the options that every question has. */
static void question_begin(const struct pxe_client *c, struct writer *w, uint8_t message, bool leased,
                           struct pxe_output *out)
{
    uint8_t max_size[2] = {DHCP_PACKET_MAX >> 8, DHCP_PACKET_MAX & 0xff};
    struct dhcp_header h = {
        .op = DHCP_BOOTREQUEST,
        .xid = c->p.xid,
        .secs = c->p.secs,
        .broadcast = !leased,
        .ciaddr = leased ? c->net.address : NOBODY,
        .mac = c->config.mac,
    };

    writer_init(w, out->packet, sizeof(out->packet));
    dhcp_write_header(w, &h);
    dhcp_write_option(w, DHCP_OPTION_MESSAGE, &message, 1);
    dhcp_write_option(w, DHCP_OPTION_MAX_SIZE, max_size, sizeof(max_size));
    if (c->config.want_boot) {
        dhcp_write_option(w, DHCP_OPTION_PARAMETERS, pxe_parameters, sizeof(pxe_parameters));
        pxe_write_identity(w, &c->config);
    } else {
        dhcp_write_option(w, DHCP_OPTION_PARAMETERS, plain_parameters, sizeof(plain_parameters));
    }
}

static void question_end(struct writer *w, struct ip4 to, uint16_t port, struct pxe_output *out)
{
    dhcp_write_end(w);
    out->packet_size = w->length;
    out->dst = to;
    out->dst_port = port;
}

void pxe_send_discover(const struct pxe_client *c, struct pxe_output *out)
{
    struct writer w;

    question_begin(c, &w, DHCP_DISCOVER, false, out);
    /* A client that has a lease (the firmware's) would like the same one again. */
    if (!ip4_is_zero(c->net.address))
        dhcp_write_option(&w, DHCP_OPTION_REQUESTED_IP, c->net.address.b, 4);
    question_end(&w, BROADCAST, DHCP_SERVER_PORT, out);
}

void pxe_send_request(const struct pxe_client *c, struct pxe_output *out)
{
    struct ip4 offered = dhcp_packet_yiaddr(&c->p.ip_offer.packet);
    struct writer w;

    question_begin(c, &w, DHCP_REQUEST, false, out);
    dhcp_write_option(&w, DHCP_OPTION_REQUESTED_IP, offered.b, 4);
    dhcp_write_option(&w, DHCP_OPTION_SERVER_ID, c->p.ip_offer.server.b, 4);
    question_end(&w, BROADCAST, DHCP_SERVER_PORT, out);
}

/* RFC 2131 4.4.4 and table 5: little else than what is declined. */
void pxe_send_decline(const struct pxe_client *c, struct pxe_output *out)
{
    static const char reason[] = "address in use (ARP)";
    struct dhcp_header h = {.op = DHCP_BOOTREQUEST, .xid = c->p.xid, .mac = c->config.mac};
    struct ip4 address = dhcp_packet_yiaddr(&c->p.ack);
    uint8_t message = DHCP_DECLINE;
    struct writer w;

    writer_init(&w, out->packet, sizeof(out->packet));
    dhcp_write_header(&w, &h);
    dhcp_write_option(&w, DHCP_OPTION_MESSAGE, &message, 1);
    dhcp_write_option(&w, DHCP_OPTION_REQUESTED_IP, address.b, 4);
    dhcp_write_option(&w, DHCP_OPTION_SERVER_ID, c->p.ip_offer.server.b, 4);
    dhcp_write_option(&w, DHCP_OPTION_MESSAGE_TEXT, reason, sizeof(reason) - 1);
    question_end(&w, BROADCAST, DHCP_SERVER_PORT, out);
}

void pxe_send_proxy_request(const struct pxe_client *c, struct ip4 server, struct pxe_output *out)
{
    struct writer w;

    question_begin(c, &w, DHCP_REQUEST, true, out);
    question_end(&w, server, PXE_SERVER_PORT, out);
}

void pxe_send_boot_request(const struct pxe_client *c, struct ip4 server, uint16_t port, struct pxe_output *out)
{
    struct writer w;

    question_begin(c, &w, DHCP_REQUEST, true, out);
    pxe_write_item(&w, c->p.item_type, c->p.item_layer);
    question_end(&w, server, port, out);
}
