/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which loaders the local disks hold, in the order in which they are to be tried:
 *
 *   1. BootOrder: an option that names a file on a partition is that file, one that names a whole disk or partition
 *      stands for the known loaders there;
 *   2. the known loaders of every other partition, disks in the order of their device paths (PCI device and function,
 *      then port, then partition).
 *
 * Disks that can be taken out count only where BootOrder names a file on them. */
#ifndef SLIPWAY_EFI_LOADER_SEARCH_H
#define SLIPWAY_EFI_LOADER_SEARCH_H

#include <efi.h>

#include "core/local_boot.h"

#define LOADER_NO_OPTION (-1)

struct loader {
    EFI_DEVICE_PATH *path;    /* whole, from the controller to the file; need not exist */
    int option;               /* Boot#### that names it, else LOADER_NO_OPTION */
    const CHAR16 *title;      /* that option's description, else NULL */
    const void *load_options; /* that option's data, else NULL */
    size_t load_options_size;
};

/* Returns true to end the search. *l is good until it returns. */
typedef bool loader_visitor(void *context, const struct loader *l);

/* Connects all disks and calls `visit` for every place where a loader may be, until that returns true. Counts what there
 * is in *counts. Returns whether a visit ended it. */
bool loader_search(loader_visitor *visit, void *context, struct local_boot_search *counts);

#endif
