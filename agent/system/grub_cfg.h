/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Linux entries of a grub.cfg. It is a script; nothing of it is run: of the commands menuentry, submenu, linux,
 * initrd and `set default` the words are taken as if every one were reached. */
#ifndef SLIPWAY_AGENT_GRUB_CFG_H
#define SLIPWAY_AGENT_GRUB_CFG_H

#include <stddef.h>

#include "core/boot_entry.h"

#define GRUB_CFG_LIMIT (1u << 20) /* bytes of one */
#define GRUB_CFG_ENTRIES 64

struct grub_cfg_entry {
    char id[128];           /* --id, or what the older ${menuentry_id_option} stands for; "" */
    unsigned place;         /* among the menu's own lines, from 0; entries of a submenu have the submenu's */
    struct boot_entry boot; /* paths as they are written, without "($root)"; no `linux_path`: it boots no Linux */
};

struct grub_cfg {
    unsigned count;
    struct grub_cfg_entry *entries;
    struct boot_entry top; /* linux and initrd outside of all entries: what is booted when there are any */
    char chosen[256];      /* the last `set default` */
};

/* Reads `size` bytes of `text`; variables get their values from `env` (grub_env.h). Entries after the 64th, and what is
 * too long, are left out. Returns 0, or -1 without memory. Release with grub_cfg_free. */
int grub_cfg_parse(const char *text, size_t size, const char *env, struct grub_cfg *ret);
void grub_cfg_free(struct grub_cfg *c);

/* What GRUB would boot when nobody touches a key; NULL when that is no Linux, or nothing. */
const struct boot_entry *grub_cfg_default(const struct grub_cfg *c);

#endif
