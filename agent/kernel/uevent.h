/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's announcements of devices, over netlink. */
#ifndef SLIPWAY_AGENT_UEVENT_H
#define SLIPWAY_AGENT_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

/* Opens a socket that hears every announcement from now on. Returns the descriptor, or -1 with errno. */
int uevent_open(void);

/* Takes one announcement. Returns true, with the modalias in `ret`, when the kernel says that a device was added and
 * what it is; false for everything else, and for what another process sent. */
bool uevent_read(int fd, char *ret, size_t size);

/* The pure part: `message` is `size` bytes of NUL-separated KEY=value after a first line "add@/devices/...". */
bool uevent_modalias(const char *message, size_t message_size, char *ret, size_t size);

#endif
