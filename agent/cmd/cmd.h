/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that a person calls, each on any Linux: argv[0] is the command's name. All return an exit status: 0
 * done, 1 failed (also: damage or differences were found), 2 the command line is wrong, 128 + N ended by signal N. */
#ifndef SLIPWAY_AGENT_CMD_H
#define SLIPWAY_AGENT_CMD_H

int cmd_capture(int argc, char **argv);
int cmd_deploy(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_resident(int argc, char **argv);
int cmd_confirm(int argc, char **argv);

#endif
