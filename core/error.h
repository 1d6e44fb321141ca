/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table of errors that a boot client can show. A code is the PXE-Exx number that technicians know; the text
 * has a cause and a cure, one line each. docs/errors.md is generated from this table. */
#ifndef SLIPWAY_CORE_ERROR_H
#define SLIPWAY_CORE_ERROR_H

#include "core/base.h"
#include "core/text.h"

enum pxe_error {
    PXE_OK = 0,
    PXE_E11 = 0x11, /* ARP timeout */
    PXE_E32 = 0x32, /* TFTP or HTTP open timeout */
    PXE_E35 = 0x35, /* TFTP or HTTP read timeout */
    PXE_E36 = 0x36, /* TFTP or HTTP error received */
    PXE_E39 = 0x39, /* TFTP cannot read/ack (malformed packet) */
    PXE_E3A = 0x3a, /* file too big for memory, or bigger than announced */
    PXE_E3B = 0x3b, /* file not found */
    PXE_E3C = 0x3c, /* access violation */
    PXE_E3F = 0x3f, /* packet too large */
    PXE_E51 = 0x51, /* no DHCP or ProxyDHCP offers */
    PXE_E52 = 0x52, /* ProxyDHCP offers but no DHCP offers */
    PXE_E53 = 0x53, /* no boot file name */
    PXE_E55 = 0x55, /* ProxyDHCP did not answer on 4011 */
    PXE_E61 = 0x61, /* media test failed, check cable */
    PXE_E74 = 0x74, /* bad or missing PXE menu and/or prompt */
    PXE_E76 = 0x76, /* bad or missing multicast discovery address */
    PXE_E77 = 0x77, /* bad or missing boot server list */
    PXE_E78 = 0x78, /* no boot server answered */
    PXE_E79 = 0x79, /* boot file cannot be started */
    PXE_E99 = 0x99, /* unexpected network error */
    PXE_EA0 = 0xa0, /* cancelled from the keyboard */
    /* Slipway's own, outside the PXE numbers. */
    SLIPWAY_E01 = 0x101, /* boot entry (.conf) malformed */
    SLIPWAY_E02 = 0x102, /* file is truncated or no kernel */
    SLIPWAY_E03 = 0x103, /* no system found on any local disk */
    SLIPWAY_E04 = 0x104, /* out of memory */
    SLIPWAY_E05 = 0x105, /* a URL that cannot be fetched: malformed, not http://, or no HTTP service */
    SLIPWAY_E06 = 0x106, /* the address that DHCP gave belongs to another machine */
    SLIPWAY_E07 = 0x107, /* the VLAN that is set cannot be joined */
};

struct error_text {
    enum pxe_error code;
    const char *name;  /* "PXE-E51", "SLW-E01" */
    const char *title; /* what happened, without a full stop */
    const char *cause; /* one line */
    const char *cure;  /* one line */
};

/* The entry for `code`; an unknown code gets the entry of PXE_E99. Never NULL. */
const struct error_text *error_text(enum pxe_error code);

/* All entries in order of code; *ret_count receives how many. */
const struct error_text *error_table(size_t *ret_count);

/* Where an error came from, to be shown under the title: who answered, and what was received. */
struct error_detail {
    enum pxe_error code;
    struct ip4 server;  /* zero: nobody */
    char received[128]; /* what was received or expected, already safe for a screen; may be empty */
};

/* Begins an error that nobody has answered with yet: what was received is appended to *ret_received. */
void error_begin(struct error_detail *ret, enum pxe_error code, struct text *ret_received);

#endif
