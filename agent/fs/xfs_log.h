/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an XFS log has anything to replay. */
#ifndef SLIPWAY_AGENT_XFS_LOG_H
#define SLIPWAY_AGENT_XFS_LOG_H

#include "agent/fs/xfs_layout.h"

/* Returns 0 when the newest record of the log is that of an unmount; else -1 with a doubt: free space may then be newer
 * in the log than in the trees. */
int xfs_log_check(struct fs_source *s, const struct xfs_layout *l);

#endif
