/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option 43 as PXE 2.1 table 2-1 fills it: MTFTP, discovery control, boot servers, menu, prompt, boot item. */
#ifndef SLIPWAY_CORE_PXE_VENDOR_H
#define SLIPWAY_CORE_PXE_VENDOR_H

#include "core/base.h"
#include "core/local_boot.h"
#include "core/tlv.h"

/* Tag 6. */
enum {
    PXE_NO_BROADCAST = 1,
    PXE_NO_MULTICAST = 2,
    PXE_LISTED_SERVERS_ONLY = 4,
    PXE_FILE_AT_ONCE = 8, /* a boot file name is there: no prompt, no menu, no discovery */
};

#define PXE_TAG_MENU 9
#define PXE_TAG_PROMPT 10
#define PXE_TAG_BOOT_ITEM 71

/* Tags 1 to 5: how to get the boot file by multicast TFTP. Zero where a tag is missing. */
struct pxe_mtftp {
    struct ip4 group;               /* tag 1 */
    uint16_t client_port;           /* tag 2: where the group, and the server's first block, arrive */
    uint16_t server_port;           /* tag 3: where requests go */
    uint8_t listen_s;               /* tag 4: how long to listen before opening, in seconds */
    uint8_t reopen_s;               /* tag 5: how long to wait before opening again, in seconds */
};

struct pxe_vendor {
    uint8_t control;                /* tag 6, 0 when missing */
    bool has_discovery;             /* any of tags 6, 8 and 9 is there */
    bool has_mtftp;                 /* any of tags 1 to 5 is there */
    struct pxe_mtftp mtftp;
    struct ip4 multicast;           /* tag 7; zero: none */
    struct tlv servers, menu, prompt; /* tags 8, 9, 10, unchecked; data NULL when missing */
    bool has_item;                  /* tag 71, four bytes */
    uint16_t item_type, item_layer;
    enum local_boot_policy local_boot; /* Slipway's own tag 200 */
    uint8_t torn;                   /* the tag that is longer than what is left of the option; 0: none */
};

/* Reads option 43's value, which must outlive *ret. Always fills *ret: tags of a wrong length count as missing, and
 * nothing is found behind a truncated tag. */
void pxe_vendor_parse(struct pxe_vendor *ret, const uint8_t *bytes, size_t size);

/* The settings are enough for a transfer: the group is a multicast address, and both ports are named. */
bool pxe_mtftp_usable(const struct pxe_mtftp *m);

/* One entry of tag 8: {type u16, count u8, count x IPv4}. */
struct boot_server_entry {
    uint16_t type;
    uint8_t count;        /* 0: any server of this type will do */
    struct cursor addresses;
};

/* The next entry of tag 8 (start with cursor_init over it). Returns false at the end, or at a truncated entry, when
 * c->failed is set. */
bool boot_servers_next(struct cursor *c, struct boot_server_entry *ret);

/* Tag 8 is whole: every entry has as many addresses as it says. An empty list is whole. */
bool boot_servers_valid(const struct tlv *servers);

/* Address number `n` of all entries with `type`, from 0; zero when there are not so many. */
struct ip4 boot_servers_address(const struct tlv *servers, uint16_t type, unsigned n);

/* Tag 8 allows `server` to answer for `type`: it is listed, or an entry of that type has no addresses. */
bool boot_servers_allow(const struct tlv *servers, uint16_t type, struct ip4 server);

#endif
