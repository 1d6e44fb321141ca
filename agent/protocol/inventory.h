/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine is: what a check-in tells the server about it. */
#ifndef SLIPWAY_AGENT_INVENTORY_H
#define SLIPWAY_AGENT_INVENTORY_H

#include <stdint.h>

#include "agent/disk/disk.h"

#define INVENTORY_MACS 16

struct inventory {
    char uuid[40]; /* lower case; "" when the firmware has none */
    char serial[64], vendor[64], product[64];
    char firmware[8]; /* "uefi" or "bios" */
    uint64_t memory_bytes;
    unsigned cpus;
    char macs[INVENTORY_MACS][18];
    unsigned mac_count;
    char boot_mac[18]; /* of the interface that automation came in by */
    char address[16];  /* IPv4, "" when there is none */
    struct disk disks[DISKS_MAX];
    unsigned disk_count;
};

/* Fills everything but boot_mac, address and the disks from this machine's firmware and kernel. */
void inventory_read(struct inventory *ret);

#endif
