/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PXE ROM's API: PXE 2.1 chapter 3, and PXE 0.99's PXENV+. */
#ifndef SLIPWAY_LEGACY_PXE_H
#define SLIPWAY_LEGACY_PXE_H

#include "core/base.h"
#include "legacy/real.h"

enum pxe_function {
    PXE_UNDI_CLEANUP = 0x02, /* of PXE 0.99 and 1.x */
    PXE_UNDI_SHUTDOWN = 0x05,
    PXE_UNDI_STOP = 0x15,
    PXE_TFTP_READ_FILE = 0x23,
    PXE_UDP_OPEN = 0x30,
    PXE_UDP_CLOSE = 0x31,
    PXE_UDP_READ = 0x32,
    PXE_UDP_WRITE = 0x33,
    PXE_UNLOAD_STACK = 0x70,
    PXE_GET_CACHED_INFO = 0x71,
    /* iPXE's own */
    PXE_FILE_OPEN = 0xe0,
    PXE_FILE_CLOSE = 0xe1,
    PXE_FILE_READ = 0xe3,
    PXE_GET_FILE_SIZE = 0xe4,
    PXE_FILE_API_CHECK = 0xe6,
};

enum pxe_cached_packet { PXE_CACHED_DISCOVER = 1, PXE_CACHED_ACK = 2, PXE_CACHED_REPLY = 3 };

/* Finds the ROM by what it handed to entry: !PXE, by its own address or by PXENV+'s, else PXENV+ itself. Returns false
 * when neither is whole. Call first. */
bool pxe_find(void);

/* "!PXE" or "PXENV+". */
const char *pxe_api_name(void);

/* The ROM is older than PXE 2.0. */
bool pxe_is_1x(void);

/* Calls `function` with its parameters, whose first member is the status. Returns 0 for success, else the status, never
 * 0 then. A ROM may switch address line 20 off (its driver's buffers, its own way to protected mode): it is on again
 * afterwards, else the call has failed. */
uint16_t pxe_call(enum pxe_function function, void *parameters);

/* The ROM is an iPXE. */
bool pxe_is_ipxe(void);

/* Copies a packet that the ROM has kept to `ret`. Returns its size, at most `max`; 0 when there is none. */
size_t pxe_cached(enum pxe_cached_packet kind, uint8_t *ret, size_t max);

/* Puts `packet` in the place of one that the ROM has kept, for a program that asks for it later. ROMs that only give copies
 * keep theirs, and so do those whose place is too small. */
void pxe_replace_cached(enum pxe_cached_packet kind, const uint8_t *packet, size_t size);

#endif
