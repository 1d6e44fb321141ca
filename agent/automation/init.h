/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PID 1 owes the kernel before anything else runs, and what it may never do: end. */
#ifndef SLIPWAY_AGENT_INIT_H
#define SLIPWAY_AGENT_INIT_H

#include <stdbool.h>

/* Mounts /proc, /sys, /dev, /run and /tmp, opens the consoles, quietens the kernel's own messages there and takes over
 * its requests for modules. Says on the console what did not work. */
void init_start(void);

/* Waits for children that nobody else waits for: what a program left behind is PID 1's to bury. */
void init_reap(void);

/* Automation cannot go on: says so, gives a person time to read it, and reboots. */
_Noreturn void init_fatal(const char *message);

#endif
