/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads the kernel modules for the devices that are there, network first, and for those that appear later. */
#ifndef SLIPWAY_AGENT_MODULES_H
#define SLIPWAY_AGENT_MODULES_H

#include <stdbool.h>

/* Starts a thread that loads modules for every device found now and for every one that the kernel reports from now on:
 * network cards at once, the rest when modules_load_rest() says so or half a second later.
 * Returns false, after a line on the console, when that cannot be done. Call once. */
bool modules_start(void);

/* The network is up, or nobody waits for it: the rest may have the processor now. */
void modules_load_rest(void);

/* Waits until the devices that were there at the start have been seen to, at most `timeout_ms`. Returns whether so. */
bool modules_wait(unsigned timeout_ms);

/* Loads a module by its name or one of its aliases. Returns false when there is no such module among automation's (it
 * may be built into the kernel). */
bool modules_load(const char *name);

/* The kernel's own requests for modules (kernel.modprobe): runs `argv` = {anything, "-q", "--", NAME} and returns an
 * exit status. */
int modules_serve_kernel(char **argv);

#endif
