/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_SSH_KEYS_H
#define SLIPWAY_AGENT_SSH_KEYS_H

#include "agent/base/failure.h"

/* Replaces the ssh host keys of the system at `root` by new ones, which its own ssh-keygen makes. A system without
 * /etc/ssh is left alone; one with /etc/ssh but without ssh-keygen loses its old keys (two machines must not share
 * them), and a line on the console says so. Returns 0, or -1 with *f (reason "identity"). */
int ssh_keys_renew(int root, struct failure *f);

#endif
