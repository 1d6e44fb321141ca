/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program together with all that it starts: when it ends, or its starter does, all of them end. */
#ifndef SLIPWAY_AGENT_PROCESS_TREE_H
#define SLIPWAY_AGENT_PROCESS_TREE_H

/* Returns 0 in a new process, in a PID namespace of its own (pid_namespaces(7)), where it is a program with a first
 * process above it. The calling process stays behind: it ends when the new one does, with the same status or by the
 * same signal, after everything else in the namespace was killed. Killed itself, it takes the namespace with it. For a
 * forked child only. Where the kernel has no PID namespaces there is no new process, and 0 comes back to the caller.
 * Returns -1 with errno. */
int process_tree_enter(void);

#endif
