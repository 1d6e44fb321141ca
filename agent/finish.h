/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_FINISH_H
#define SLIPWAY_AGENT_FINISH_H

#include "agent/job.h"

/* Flushes everything and reboots or powers off this computer; FINISH_HOLD waits for ever. Never returns. For PID 1
 * only. */
_Noreturn void finish_machine(enum job_finish how);

#endif
