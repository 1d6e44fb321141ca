/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_SPLIT_NAME_H
#define SLIPWAY_AGENT_SPLIT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The name of part `number` (from 1) of a disk that was cut into files: NAME.img, NAME.002, NAME.003, ... NAME.999,
 * then NAME.1000. `first` is the name of part 1. Returns false, *ret undefined, when `first` does not end in ".img" or
 * the name does not fit. */
bool split_name_format(const char *first, unsigned number, char *ret, size_t size);

#endif
