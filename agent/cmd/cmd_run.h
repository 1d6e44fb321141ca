/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_CMD_RUN_H
#define SLIPWAY_AGENT_CMD_RUN_H

/* `slipway-agent run`: the same check-in and job loop as an ordinary process, on the disks that are named. Returns an
 * exit status: 0 the session ended well, 1 the job failed (--once), 2 the command line is wrong. */
int cmd_run(int argc, char **argv);

#endif
