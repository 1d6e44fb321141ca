/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_CHROOT_RUN_H
#define SLIPWAY_AGENT_CHROOT_RUN_H

#include "agent/failure.h"

#define CHROOT_FAILED 124 /* the exit status when chroot_enter could not do its work */

/* For struct program's `enter`: `root` points to the descriptor of the root folder. In the child: /dev and /proc
 * mounted in it, no network, mounts that vanish with it. Does not return when that fails: the reason is on standard
 * error. */
void chroot_enter(void *root);

/* Runs a program of another system inside it: root folder `root`, with /dev and /proc, without network, in mounts that
 * vanish with it, and with nothing of automation's environment. Kills it after `seconds`. Returns 0 when it ended with
 * status 0, or -1 with *f (reason "identity"); what it printed is then on the console. */
int chroot_run(int root, const char *const *argv, unsigned seconds, struct failure *f);

#endif
