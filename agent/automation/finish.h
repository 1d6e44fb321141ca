/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_FINISH_H
#define SLIPWAY_AGENT_FINISH_H

#include "agent/protocol/job.h"

/* Flushes everything and reboots or powers off this computer, or starts the kernel that kexec_prepare has loaded;
 * FINISH_HOLD waits for ever. What production_prepare made ready for `how` then happens. Never returns. For PID 1
 * only. */
_Noreturn void finish_machine(enum job_finish how);

#endif
