/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_AUTOMATION_H
#define SLIPWAY_AGENT_AUTOMATION_H

/* The agent as PID 1: from a bare kernel to the server, and in the end to production. Never returns. */
_Noreturn void automation_run(void);

#endif
