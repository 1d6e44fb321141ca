/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/linux_place.h"

#define LOWEST 0x100000
#define HIGHEST 0xfffff000

static uint64_t fail(struct error_detail *ret_error, const char *what, uint64_t size, uint64_t low, uint64_t high)
{
    struct text t;

    error_begin(ret_error, SLIPWAY_E04, &t);
    text_string(&t, what);
    text_string(&t, ": no ");
    text_unsigned(&t, size);
    text_string(&t, " bytes free in one piece from ");
    text_hex(&t, low, 8);
    text_string(&t, " to ");
    text_hex(&t, high, 8);
    return 0;
}

uint32_t linux_place_kernel(const struct linux_image *k, struct memory_ranges *m, struct error_detail *ret_error)
{
    uint64_t low = k->pref_address > LOWEST ? k->pref_address : LOWEST, mask = (uint64_t)k->alignment - 1, at = 0;

    if (k->pref_address < HIGHEST && memory_ranges_free(m, k->pref_address, k->init_size))
        return (uint32_t)k->pref_address;
    /* One that finds itself lower moves up to pref_address, over whatever lies there. */
    if (k->relocatable)
        at = memory_ranges_take(m, (uint64_t)k->init_size + k->alignment, low, HIGHEST);
    if (at)
        return (uint32_t)((at + mask) & ~mask);
    return (uint32_t)fail(ret_error, "the kernel unpacks itself", k->init_size, low,
                          k->relocatable ? HIGHEST : low + k->init_size);
}

uint64_t linux_place_initrd(const struct linux_image *k, struct memory_ranges *m, uint64_t size,
                            struct error_detail *ret_error)
{
    uint64_t at = memory_ranges_take(m, size, LOWEST, k->initrd_addr_max);

    return at ? at : fail(ret_error, "the initrds", size, LOWEST, k->initrd_addr_max);
}
