/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Windows Setup finds at the first start of a generalised Windows. For the child. */
#ifndef SLIPWAY_AGENT_WINDOWS_SETUP_H
#define SLIPWAY_AGENT_WINDOWS_SETUP_H

#include "agent/windows/ntfs_files.h"

/* Makes the answer file, and sees to it that Setup takes this one: others that it would find before are removed, and
 * where the registry names one, it names this. *ret_others: how many there were. Returns 0, or -1 with *f. */
int windows_setup_answer(struct ntfs_files *files, const void *text, size_t size, unsigned *ret_others,
                         struct failure *f);

/* Has SetupComplete.cmd run `command` once, before what a SetupComplete.cmd of the image does; "": nothing is run, and
 * an earlier command of ours is removed. The command stands in a file for cmd.exe as it is. Returns 0, or -1 with *f.
 */
int windows_setup_first_boot(struct ntfs_files *files, const char *command, struct failure *f);

#endif
