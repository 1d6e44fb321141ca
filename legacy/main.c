/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slipway.0: starts boot entries and boot programs. */
#include "core/boot_entry.h"
#include "legacy/linux.h"
#include "legacy/nbp.h"
#include "legacy/program.h"

static struct boot_entry entry;

static void start(const struct pxe_client *client, const struct net_config *net, const struct download *file,
                  struct error_detail *ret_error)
{
    if (!boot_entry_is_conf(file->path))
        nbp_boot(client, file, ret_error);
    else if (boot_entry_parse(file->path, file->data, file->size, &entry, ret_error))
        linux_boot(client, net, &entry, ret_error);
}

void slipway_main(void)
{
    static const struct program slipway = {.name = "Slipway " SLIPWAY_VERSION " (BIOS)",
                                           .user_class = "Slipway",
                                           .own_name = "slipway.0",
                                           .protocols = &download_protocols,
                                           .start = start};

    program_run(&slipway);
}
