/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fstab(5) of a system that is not trusted. */
#ifndef SLIPWAY_AGENT_FSTAB_H
#define SLIPWAY_AGENT_FSTAB_H

#include <stdbool.h>
#include <stddef.h>

#define FSTAB_LIMIT (256u * 1024)
#define FSTAB_ENTRIES 32

struct fstab_entry {
    char what[256];   /* "UUID=...", "/dev/sda2", without quotes */
    char folder[256]; /* absolute */
    char type[32];
    char options[256];
};

/* Reads up to FSTAB_ENTRIES file systems that are mounted on a folder, those of folders above others first; lines that
 * are too long or malformed are left out. `text` is NUL-terminated. Returns how many. */
unsigned fstab_parse(const char *text, struct fstab_entry ret[FSTAB_ENTRIES]);

/* The value of the option `name`, as in "subvol=@home". Returns false, *ret untouched, without one or when it does not
 * fit. */
bool fstab_option(const struct fstab_entry *e, const char *name, char *ret, size_t size);

#endif
