/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes a Linux system one machine's own, item by item: docs/operations.md, "Anonymous images". */
#ifndef SLIPWAY_AGENT_ANONYMOUS_ITEMS_H
#define SLIPWAY_AGENT_ANONYMOUS_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

enum anonymous_item {
    ANONYMOUS_MACHINE_ID = 1 << 0,    /* machine-id and D-Bus' copy */
    ANONYMOUS_SSH_HOST_KEYS = 1 << 1, /* of OpenSSH and Dropbear */
    ANONYMOUS_NETWORK_STATE = 1 << 2, /* leases, DUIDs, secrets from which addresses are made */
    ANONYMOUS_RANDOM_SEED = 1 << 3,
    ANONYMOUS_NETWORK_RULES = 1 << 4, /* what is bound to a card's address */
    ANONYMOUS_CLOUD_INIT = 1 << 5,    /* the instance's state */
    ANONYMOUS_HOST_NAME = 1 << 6,
    ANONYMOUS_SLIPWAY = 1 << 7,           /* what an earlier deploy has left: agent/anonymous/anonymous_slipway.h */
    ANONYMOUS_CREDENTIAL_SECRET = 1 << 8, /* of systemd-creds(1) */
    ANONYMOUS_LOGS = 1 << 9,              /* on request */
};

/* The bit of a name ("ssh-host-keys"; not "logs", which is no item to leave), or 0. */
unsigned anonymous_item_parse(const char *name);

/* The names of all items that can be left, ", " between them, for messages. */
const char *anonymous_item_names(void);

/* Removes the `items` of the Linux system at `root` (a descriptor). What went, for people, comes into `ret`: "3 ssh
 * host keys, machine-id"; "" when nothing was there. Returns 0, or -1 with errno, ret then names the item that failed.
 */
int anonymous_items_remove(int root, unsigned items, char *ret, size_t size);

#endif
