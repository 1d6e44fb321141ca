/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernel a mounted Linux system would start, with what: by its BLS entries, its grub.cfg, or what lies in /boot.
 */
#ifndef SLIPWAY_AGENT_KERNEL_CHOICE_H
#define SLIPWAY_AGENT_KERNEL_CHOICE_H

#include <stdbool.h>

#include "agent/base/failure.h"
#include "core/boot_entry.h"

/* Fills *ret with paths below `root` (the system's root folder, with its /boot and ESP mounted in it) of files that
 * are there, and the command line. `separate_boot`: /boot is a file system of its own. *ret_how says where it comes
 * from, for people. Returns 0, or -1 with *f ("production"). */
int kernel_choice_find(int root, bool separate_boot, struct boot_entry *ret, const char **ret_how, struct failure *f);

#endif
