/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_CHROOT_RUN_H
#define SLIPWAY_AGENT_CHROOT_RUN_H

#include "agent/failure.h"

/* Runs a program of another system inside it: root folder `root`, with /dev and /proc, without network, in mounts that
 * vanish with it, and with nothing of automation's environment. Kills it after `seconds`. Returns 0 when it ended with
 * status 0, or -1 with *f (reason "identity"); what it printed is then on the console. */
int chroot_run(int root, const char *const *argv, unsigned seconds, struct failure *f);

#endif
