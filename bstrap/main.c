/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bstrap.0 once it is unpacked: what a ROM older than PXE 2.1 lacks, then the chosen boot program. */
#include "core/boot_entry.h"
#include "legacy/nbp.h"
#include "legacy/program.h"

static void start(const struct pxe_client *client, const struct net_config *net, const struct download *file,
                  struct error_detail *ret_error)
{
    struct text t;

    (void)net;
    if (!boot_entry_is_conf(file->path)) {
        nbp_boot(client, file, ret_error);
        return;
    }
    error_begin(ret_error, PXE_E79, &t);
    text_untrusted(&t, file->path, text_length(file->path, 64));
    text_string(&t, ": bstrap.0 starts boot programs, slipway.0 boot entries");
}

void slipway_main(void)
{
    static const struct program bstrap = {.name = "Slipway " SLIPWAY_VERSION " (bstrap)",
                                          /* Without "Slipway" in it: dnsmasq looks for parts of a user class. */
                                          .user_class = "bstrap",
                                          .own_name = "bstrap.0",
                                          .next_name = "slipway.0",
                                          .has_next_layer = true,
                                          .protocols = &download_tftp,
                                          .start = start};

    program_run(&bstrap);
}
