/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's boot entries, Boot#### and BootOrder (UEFI specification 3.1.3), and the one of a deployed system. */
#ifndef SLIPWAY_AGENT_BOOT_ENTRIES_H
#define SLIPWAY_AGENT_BOOT_ENTRIES_H

#include "agent/production/boot_order.h"
#include "agent/production/efi_vars.h"
#include "core/load_option.h"

/* What starts a system: a file on a partition. */
struct boot_loader {
    struct load_option_partition partition;
    char file[64];   /* "\EFI\debian\shimx64.efi" */
    char title[128]; /* for a new entry */
};

struct boot_entry_info {
    uint16_t number;
    bool boots; /* active, and no application */
    char title[64], file[128];
    bool has_partition;
    struct load_option_partition partition;
    bool network;
    uint8_t mac[6];
};

struct boot_entries {
    unsigned count; /* what cannot be read is not among them, and is never touched */
    struct boot_entry_info list[BOOT_ORDER_MAX];
    struct boot_order order;
};

/* Reads them all. Returns 0, or -1 with *f ("production"). The structure is about 150 KiB: keep it off the stack. */
int boot_entries_read(const struct efi_vars *v, struct boot_entries *ret, struct failure *f);

/* The entry to boot this machine by network: the one that it came by (BootCurrent) when that is one, else the first of
 * BootOrder, else any, each time one of the card `mac` (NULL: not known) before others. BOOT_ORDER_NONE: there is none.
 */
int boot_entries_network(const struct efi_vars *v, const struct boot_entries *e, const uint8_t *mac);

/* What boot_entries_update is to do. */
struct boot_entries_request {
    const struct boot_loader *loader; /* NULL: the disk has none, only `gone` matters */
    const uint8_t (*gone)[16];        /* GUIDs of partitions of this disk that are no more */
    unsigned gone_count;
    /* Whether there is such a file on the loader's partition. */
    bool (*exists)(void *arg, const char *file);
    void *arg;
    enum boot_order_wish wish;
    const uint8_t *mac; /* as for boot_entries_network */
    void (*note)(void *arg, const char *text);
};

/* Sees to it that the loader has an entry (one that is there is kept as it is) and its place in BootOrder, and removes
 * the entries of this disk that lead nowhere: to a partition in `gone`, or to a file that the loader's partition has
 * not. No other entry is touched. Returns 0 with the entry's number (BOOT_ORDER_NONE without a loader), or -1 with *f
 * ("production"). */
int boot_entries_update(const struct efi_vars *v, const struct boot_entries_request *r, int *ret_number,
                        struct failure *f);

/* Lets the firmware start Boot#### once, at its next start; read back. Returns 0, or -1 with *f ("production"). */
int boot_entries_set_next(const struct efi_vars *v, uint16_t number, struct failure *f);

#endif
