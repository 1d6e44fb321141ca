/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_CHROOT_RUN_H
#define SLIPWAY_AGENT_CHROOT_RUN_H

#include "agent/base/failure.h"

#define CHROOT_FAILED 124 /* the exit status when chroot_enter could not do its work */

/* For struct program's `enter`: `root` points to the descriptor of the root folder. In the child: what the program
 * starts ends with it, /dev and /proc are mounted in the root, there is no network, and the mounts vanish with it. Does
 * not return when that fails: the reason is on standard error. */
void chroot_enter(void *root);

/* Runs a program of another system, which may be anybody's, inside it: root folder `root`, with null, zero, random and
 * urandom in /dev, no /proc, no network, no capabilities but those over files (CHOWN, DAC_OVERRIDE, FOWNER), and
 * nothing of automation's environment. What it starts ends with it. Kills it after `seconds`. Returns 0 when it ended
 * with status 0, or -1 with *f (reason "identity"); what it printed is then on the console. */
int chroot_run(int root, const char *const *argv, unsigned seconds, struct failure *f);

#endif
