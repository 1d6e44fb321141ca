/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_ZEROS_H
#define SLIPWAY_AGENT_ZEROS_H

#include <stdbool.h>
#include <stddef.h>

/* True when all `size` bytes are zero. */
bool bytes_are_zero(const void *data, size_t size);

#endif
