/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a deployed system its own machine. docs/operations.md, "Identity", lists what is written where. */
#ifndef SLIPWAY_AGENT_IDENTITY_H
#define SLIPWAY_AGENT_IDENTITY_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/identity/identity_data.h"
#include "agent/system/system.h"

struct identity {
    const struct identity_data *data; /* whose host_name "" lets the image's own name stay */
    const char *machine;              /* the server's name for this machine */
    const char *image;                /* or the URL that it came from */
    const char *server;
    const char *boot_mac;      /* the card that the machine booted from; "" when not known */
    const char *confirm_token; /* what its system proves itself to the server with, once; "": nothing to prove */
    uint64_t job;
};

/* Looks for systems on the partitions that deploy's `personalise` gets, and writes `id` into each. No system at all is
 * no error: a line on the console says so. Returns 0 with the systems in *ret (may be NULL), or -1 with *f (reason
 * "identity"): a system was found and could not be written, or none was and a file system could not be looked at. */
int identity_write(const struct identity *id, const struct system_partitions *p, struct system_list *ret,
                   struct failure *f);

/* The part after mounting, for Linux: `root` is a descriptor of the system's root folder. May be repeated: the same job
 * leaves machine-id and ssh host keys as it made them. Returns 0, or -1 with *f. */
int identity_apply(const struct identity *id, int root, struct failure *f);

#endif
