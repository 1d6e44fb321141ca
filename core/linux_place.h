/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kernel and its initrd go in a machine's memory (Linux, Documentation/arch/x86/boot.rst). */
#ifndef SLIPWAY_CORE_LINUX_PLACE_H
#define SLIPWAY_CORE_LINUX_PLACE_H

#include "core/linux_image.h"
#include "core/memory_ranges.h"

/* Where the kernel may unpack itself: at its preferred address where that is free, else, if it is relocatable, as high
 * as possible below 4 GiB. Takes what it needs there. Returns 0, and fills *ret_error (SLIPWAY_E04), when there is no
 * room. */
uint32_t linux_place_kernel(const struct linux_image *k, struct memory_ranges *m, struct error_detail *ret_error);

/* Takes `size` bytes (not 0) for all initrds in one piece, where the kernel looks for them. Returns 0, and fills
 * *ret_error (SLIPWAY_E04), when there is no room. */
uint64_t linux_place_initrd(const struct linux_image *k, struct memory_ranges *m, uint64_t size,
                            struct error_detail *ret_error);

#endif
