/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the person at the console when the cable is pulled and when it is back: until the server counts as silent, a
 * minute goes by in which the progress bar just stands. */
#ifndef SLIPWAY_AGENT_LINK_WATCH_H
#define SLIPWAY_AGENT_LINK_WATCH_H

#include "agent/net/net_interface.h"

/* Watches the interface from a thread of its own for the rest of the program's life. *interface must live as long. Without
 * memory for a thread there is no watch, and nothing else changes. */
void link_watch_start(const struct net_interface *interface);

#endif
