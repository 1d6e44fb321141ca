/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loop devices: a part of a file or of a disk as a block device of its own. */
#ifndef SLIPWAY_AGENT_LOOP_H
#define SLIPWAY_AGENT_LOOP_H

#include <stddef.h>
#include <stdint.h>

/* Makes a device of `size` bytes of `fd` (open for what is to be done to them) from `offset` on; `name` is what losetup
 * shows. Its path (16 characters and the NUL are enough) comes into `ret_path`. Returns a descriptor of the device, or
 * -1 with errno. The device is gone when nothing has it open or mounted any more, also when the program has died. */
int loop_attach(int fd, uint64_t offset, uint64_t size, const char *name, char *ret_path, size_t path_size);

/* Flushes what was written to it, lets go of the device and closes the descriptor. Returns 0, or -1 with errno: not
 * everything was written. A device that is still mounted vanishes when it is unmounted. */
int loop_detach(int loop_fd);

/* Waits a few seconds for a device node: it comes from the kernel (devtmpfs) at once, or from udev a moment later.
 * Returns 0, or -1. */
int loop_wait_for_node(const char *path);

#endif
