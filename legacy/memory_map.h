/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BIOS's memory map (INT 15h, E820h), and downloads' places in it. */
#ifndef SLIPWAY_LEGACY_MEMORY_MAP_H
#define SLIPWAY_LEGACY_MEMORY_MAP_H

#include "core/memory_ranges.h"

/* The map, which the BIOS is asked for once, and what is taken of it. .count is 0 when the BIOS has none. */
struct memory_ranges *memory_map(void);

#endif
