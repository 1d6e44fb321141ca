/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deployed Linux, started by the kernel that runs now. */
#ifndef SLIPWAY_AGENT_KEXEC_H
#define SLIPWAY_AGENT_KEXEC_H

#include "agent/production/production_firmware.h"

/* Loads kernel, initramfs and command line of the first Linux on the job's disks for reboot(RB_KEXEC), and unmounts its
 * file systems again. Under Secure Boot the running kernel demands a signature that it trusts. Returns 0, or -1 with *f
 * ("production"). */
int kexec_prepare(const struct production_work *w, struct failure *f);

#endif
