/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a downloaded file a whole PE image? A file that was cut on the server looks complete to TFTP; firmware that does
 * not look closely would start it. Layout: Microsoft PE/COFF specification; a Linux kernel with EFI stub is one too. */
#ifndef SLIPWAY_CORE_PE_IMAGE_H
#define SLIPWAY_CORE_PE_IMAGE_H

#include "core/base.h"
#include "core/text.h"

#define PE_MACHINE_X64 0x8664

/* Checks signature, machine, and that every section and the signature table (Secure Boot) lie inside the `size` bytes.
 * Returns true when all is well; else false, and *ret_reason has one clause about what is wrong. */
bool pe_image_check(const uint8_t *data, size_t size, uint16_t machine, struct text *ret_reason);

/* Looks for a section of that name (at most 8 bytes) in headers that may be loaded or lie in a file. */
bool pe_image_has_section(const uint8_t *data, size_t size, const char *name);

#endif
