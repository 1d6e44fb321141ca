/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls and jumps of a program say how far away their target is. Calls of one function from everywhere look alike, and
 * pack better, once they say where it is instead. */
#ifndef SLIPWAY_BSTRAP_BRANCHES_H
#define SLIPWAY_BSTRAP_BRANCHES_H

#include "core/base.h"

/* Before packing: targets as places in the program. Every 5 bytes that look like a branch count as one, whatever they
 * are: branches_restore is the exact inverse for any bytes. `size` below 2 GiB. */
void branches_resolve(uint8_t *program, size_t size);

/* After unpacking. */
void branches_restore(uint8_t *program, size_t size);

#endif
