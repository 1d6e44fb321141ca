/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what an NTFS volume says of itself can be believed: was it left cleanly, and by a Windows that is off? */
#ifndef SLIPWAY_AGENT_NTFS_STATE_H
#define SLIPWAY_AGENT_NTFS_STATE_H

#include <stdint.h>

#include "agent/fs/ntfs_volume.h"

/* $MFTMirr repeats $MFT's first records, $Volume has no dirty flag, $LogFile has nothing to replay and was not left
 * open by a fast startup. Returns 0, or -1 with a doubt. */
int ntfs_state_check(struct ntfs *n);

/* Looks into hiberfil.sys, MFT record `number`. Returns 0, or -1 with a doubt: it holds a hibernated Windows. */
int ntfs_state_check_hibernation(struct ntfs *n, uint64_t number);

#endif
