/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_IDENTITY_KEYS_H
#define SLIPWAY_AGENT_IDENTITY_KEYS_H

#include "agent/base/failure.h"

/* Adds `count` ssh keys to those that may log in as the owner of the folder `home` (relative to `root`, "root" or
 * "home/ann"), which belongs to `uid` and `gid`. Folder and file get the owner and the modes that sshd wants. Returns
 * 0, or -1 with *f ("identity"). */
int identity_keys_add(int root, const char *home, unsigned uid, unsigned gid, const char *const *keys, unsigned count,
                      struct failure *f);

#endif
