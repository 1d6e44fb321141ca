/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot Loader Specification type-1 entries in a system's loader/entries folder. */
#ifndef SLIPWAY_AGENT_BLS_H
#define SLIPWAY_AGENT_BLS_H

#include <stdbool.h>

#include "core/boot_entry.h"

#define BLS_ENTRIES 256
#define BLS_ENTRY_LIMIT 16384 /* bytes of a file */

/* Chooses among the *.conf of `folder` (in the system with the root folder `root`): those that are called `saved` (a
 * name with or without ".conf", or a pattern with '*' and '?'; "": none) before others, those that boot counting has
 * given up ("+0" behind the name) after all others, then the one with the newest kernel. Variables in its options get their values from
 * `env` (grub_env.h), what follows a file's name in `linux` and `initrd` is cut off. Returns false when there is none
 * that could be read. */
bool bls_choose(int root, const char *folder, const char *saved, const char *env, struct boot_entry *ret);

#endif
