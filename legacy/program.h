/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boot programs have in common: greeting, boot plan, attempts that begin again when they fail. */
#ifndef SLIPWAY_LEGACY_PROGRAM_H
#define SLIPWAY_LEGACY_PROGRAM_H

#include "core/pxe_client.h"
#include "legacy/download.h"

#define PROGRAM_MEMORY_END 0xfffff000 /* where downloads end at the latest: addresses have 32 bits */

struct program {
    const char *name;       /* begins the greeting */
    const char *user_class; /* option 77 */
    const char *own_name;   /* of struct pxe_client_config */
    const char *next_name;  /* of struct pxe_client_config */
    bool has_next_layer;    /* of struct pxe_client_config */
    const struct download_protocols *protocols; /* by which the boot file comes */
    /* Starts `file`, which is what client->plan names; `net` with its boot server. Returns only when that failed:
     * *ret_error says why. */
    void (*start)(const struct pxe_client *client, const struct net_config *net, const struct download *file,
                  struct error_detail *ret_error);
};

/* start.S calls it; returning from it goes back to the ROM. */
void slipway_main(void);

/* Learns from the ROM and the network what to boot, and boots it; begins again where that fails. Returns when the user
 * wants back to the ROM. */
void program_run(const struct program *p);

#endif
