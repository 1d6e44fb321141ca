/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DHCP packet as a client sees it: parsed once, with every option found by one walk over options, file and sname. */
#ifndef SLIPWAY_CORE_DHCP_PACKET_H
#define SLIPWAY_CORE_DHCP_PACKET_H

#include "core/base.h"
#include "core/cursor.h"
#include "core/tlv.h"

#define DHCP_PACKET_MAX 1472 /* what fits one Ethernet frame; option 57 announces it */
#define DHCP_FILE_MAX 256    /* a boot file name with its NUL */

#define DHCP_LEASE_FOR_EVER 0xffffffffu /* RFC 2131 3.3 */

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define PXE_SERVER_PORT 4011

enum dhcp_op { DHCP_BOOTREQUEST = 1, DHCP_BOOTREPLY = 2 };

enum dhcp_message {
    DHCP_NO_MESSAGE = 0, /* no option 53: BOOTP */
    DHCP_DISCOVER = 1,
    DHCP_OFFER = 2,
    DHCP_REQUEST = 3,
    DHCP_DECLINE = 4,
    DHCP_ACK = 5,
    DHCP_NAK = 6,
    DHCP_INFORM = 8,
};

enum dhcp_option {
    DHCP_OPTION_NETMASK = 1,
    DHCP_OPTION_ROUTER = 3,
    DHCP_OPTION_DNS = 6,
    DHCP_OPTION_HOST_NAME = 12,
    DHCP_OPTION_DOMAIN = 15,
    DHCP_OPTION_MTU = 26,
    DHCP_OPTION_VENDOR = 43,
    DHCP_OPTION_REQUESTED_IP = 50,
    DHCP_OPTION_LEASE = 51,
    DHCP_OPTION_OVERLOAD = 52,
    DHCP_OPTION_MESSAGE = 53,
    DHCP_OPTION_SERVER_ID = 54,
    DHCP_OPTION_PARAMETERS = 55,
    DHCP_OPTION_MESSAGE_TEXT = 56,
    DHCP_OPTION_MAX_SIZE = 57,
    DHCP_OPTION_T1 = 58, /* renewal and rebinding time, RFC 2132 9.11 and 9.12 */
    DHCP_OPTION_T2 = 59,
    DHCP_OPTION_CLASS = 60,
    DHCP_OPTION_SERVER_NAME = 66,
    DHCP_OPTION_FILE = 67,
    DHCP_OPTION_USER_CLASS = 77,
    DHCP_OPTION_ARCH = 93,
    DHCP_OPTION_UNDI = 94,
    DHCP_OPTION_UUID = 97,
};

struct dhcp_packet {
    size_t size; /* 0: empty */
    uint8_t bytes[DHCP_PACKET_MAX];
};

/* Takes a packet in. Returns false, *ret empty, unless it is a whole BOOTP header with RFC 2131's cookie for Ethernet
 * (htype 1, hlen 6) of at most DHCP_PACKET_MAX bytes. The options are not checked here: what of them is malformed is
 * not found later. */
bool dhcp_packet_parse(struct dhcp_packet *ret, const uint8_t *data, size_t size);

/* Fields of the header; all zero for an empty packet. */
uint8_t dhcp_packet_op(const struct dhcp_packet *p);
uint32_t dhcp_packet_xid(const struct dhcp_packet *p);
struct ip4 dhcp_packet_ciaddr(const struct dhcp_packet *p);
struct ip4 dhcp_packet_yiaddr(const struct dhcp_packet *p);
struct ip4 dhcp_packet_siaddr(const struct dhcp_packet *p);
const uint8_t *dhcp_packet_mac(const struct dhcp_packet *p); /* 6 bytes */
bool dhcp_packet_is_for(const struct dhcp_packet *p, const uint8_t mac[6]);

/* Walks the options field, then file, then sname, the latter two only where option 52 hands them over (RFC 2132 9.3).
 * Every instance of a split option comes by itself. A malformed area ends there; the walk goes on with the next. */
struct dhcp_walk {
    const struct dhcp_packet *packet;
    struct tlv_iter tlv;
    unsigned area;    /* 0 options, 1 file, 2 sname */
    uint8_t overload; /* option 52 as found in the options field */
};
void dhcp_walk_init(struct dhcp_walk *w, const struct dhcp_packet *p);
bool dhcp_walk_next(struct dhcp_walk *w, struct tlv *ret);

/* Copies the value of option `code` into `buf`, its instances joined in order as RFC 3396 asks. Returns false when the
 * option is missing or longer than `size`; *ret_size is untouched then, `buf` undefined. */
bool dhcp_packet_option(const struct dhcp_packet *p, uint8_t code, uint8_t *buf, size_t size, size_t *ret_size);

/* The first address of an option that holds one or more; zero when missing or shorter than four bytes. */
struct ip4 dhcp_packet_ip4(const struct dhcp_packet *p, uint8_t code);

/* An option that is a number of `size` (2 or 4) bytes; `otherwise` when it is missing or of another size. */
uint32_t dhcp_packet_number(const struct dhcp_packet *p, uint8_t code, size_t size, uint32_t otherwise);

/* Option 53; DHCP_NO_MESSAGE when missing or not one byte. */
enum dhcp_message dhcp_packet_message(const struct dhcp_packet *p);

/* Option 60 begins with "PXEClient". */
bool dhcp_packet_is_pxe(const struct dhcp_packet *p);

/* The boot file name: option 67, else the file field where that is not overloaded (EDK2's order). Ends at its first
 * NUL. Returns false, `ret` an empty string, when there is none or it does not fit DHCP_FILE_MAX. */
bool dhcp_packet_file(const struct dhcp_packet *p, char ret[DHCP_FILE_MAX]);

/* Where the boot file lies: siaddr, else option 66 or sname where they spell an address (dnsmasq's reply on 4011 does;
 * there is no resolver here), else option 54. Zero when none of them says so. */
struct ip4 dhcp_packet_next_server(const struct dhcp_packet *p);

/* Appends an option to a packet under construction. */
void dhcp_write_option(struct writer *w, uint8_t code, const void *value, uint8_t size);

struct dhcp_header {
    uint8_t op;
    uint32_t xid;
    uint16_t secs;
    bool broadcast;
    struct ip4 ciaddr, yiaddr, siaddr;
    const uint8_t *mac; /* 6 bytes */
    const char *file;   /* NULL: none; at most 128 bytes of it are used */
};
/* Begins a packet: header, empty sname, cookie. */
void dhcp_write_header(struct writer *w, const struct dhcp_header *h);
/* Ends it: END, and zeros up to BOOTP's 300 bytes, which old servers and relays insist on (RFC 1542 2.1). */
void dhcp_write_end(struct writer *w);

#endif
