/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_CMD_IMAGING_H
#define SLIPWAY_AGENT_CMD_IMAGING_H

/* `slipway-agent capture` and `slipway-agent deploy`, by hand: argv[0] is "capture" or "deploy". Returns an exit
 * status: 0 done, 1 failed, 2 the command line is wrong. */
int cmd_imaging(int argc, char **argv);

#endif
