/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Linux bzImage as the 32-bit boot protocol sees it (Linux, Documentation/arch/x86/boot.rst; protocol 2.12 and later,
 * Linux 3.8). */
#ifndef SLIPWAY_CORE_LINUX_IMAGE_H
#define SLIPWAY_CORE_LINUX_IMAGE_H

#include "core/base.h"
#include "core/error.h"

struct linux_image {
    uint32_t header_size;     /* bytes from LINUX_HEADER_OFFSET on that belong into boot_params */
    uint32_t code_offset;     /* where in the file the protected-mode code begins; it goes on to the end */
    uint32_t init_size;       /* memory that the kernel needs from its load address on */
    uint64_t pref_address;    /* where it would like to be */
    uint32_t alignment;       /* of any other place; a power of two */
    bool relocatable;         /* other places will do */
    uint32_t initrd_addr_max; /* the highest address that a byte of an initrd may have */
    uint32_t cmdline_size;    /* longest command line, without its NUL */
};

/* Where the setup header lies, in the file as in boot_params. */
#define LINUX_HEADER_OFFSET 0x1f1

/* Reads the header of `size` bytes that came as the file `path`. Returns false, and fills *ret_error (SLIPWAY_E02),
 * when it is no such kernel or not the whole of it. */
bool linux_image_parse(const char *path, const uint8_t *data, size_t size, struct linux_image *ret,
                       struct error_detail *ret_error);

#endif
