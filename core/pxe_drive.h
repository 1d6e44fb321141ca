/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a PXE client (core/pxe_client.h) to its end over whatever a firmware has: a socket, ARP, a console. */
#ifndef SLIPWAY_CORE_PXE_DRIVE_H
#define SLIPWAY_CORE_PXE_DRIVE_H

#include "core/console.h"
#include "core/menu_view.h"
#include "core/pxe_client.h"

/* A datagram that came to port 68. */
struct pxe_datagram {
    struct ip4 src;
    uint16_t src_port;
    const uint8_t *data;
    size_t size;
};

/* What the firmware can do. Each function gets `context`. */
struct pxe_host {
    void *context;
    const struct console *console;
    /* Opens UDP port 68, again where it is open already, with the address of `net`, or without one (NULL). Returns
     * false, *ret_error filled, when that fails. */
    bool (*configure)(void *context, const struct net_config *net, struct error_detail *ret_error);
    /* Sends from port 68; `net` as configured last. */
    void (*send)(void *context, const struct net_config *net, const struct pxe_output *out);
    /* Polls. What came is good until the next call. */
    bool (*receive)(void *context, struct pxe_datagram *ret);
    /* ARP, when the client's config.can_probe is set; else never called. probe broadcasts a question for `address`, and
     * conflict polls for a machine that says, since the last probe, to have it. */
    void (*probe)(void *context, struct ip4 address);
    bool (*conflict)(void *context, uint8_t ret_mac[6]);
};

/* A run's memory, too large for some stacks; need not be set. */
struct pxe_drive {
    const struct pxe_host *host;
    struct pxe_client *client;
    struct pxe_output out;
    struct menu_view view;
    bool has_address; /* the socket has the lease's */
    uint64_t next_key_ms;
};

/* From nothing (cached NULL), or from the firmware's packets, to a boot plan. Shows the menu, takes keys, and tells of
 * the lease and the plan in one line. Returns true when c->plan and c->net are valid, false when c->error is. ESC
 * cancels (PXE_EA0). */
bool pxe_drive(struct pxe_drive *d, const struct pxe_host *host, const struct pxe_client_config *config,
               const struct pxe_cached *cached, struct pxe_client *c);

/* pxe_client_config.random out of a fast `counter`: machines that are switched on together have nearly the same one, so
 * the MAC is mixed in. */
uint32_t pxe_random(uint64_t counter, const uint8_t mac[6]);

#endif
