/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes of sysfs: small texts and numbers, one a file. */
#ifndef SLIPWAY_AGENT_SYSFS_H
#define SLIPWAY_AGENT_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the file that `format` names, without the white space around its text; what is not printable ASCII becomes
 * '?'. Cuts at `size`. Returns false, with "" in `ret`, when it cannot be read. */
bool sysfs_read_text(char *ret, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A decimal or 0x number. Returns false, and leaves *ret alone, when there is none. */
bool sysfs_read_number(uint64_t *ret, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The serial of a SCSI disk out of its unit serial number page (SPC-4, page 80h) at BLOCK/device/vpd_pg80; "" when
 * there is none. */
void sysfs_read_vpd_serial(char *ret, size_t size, const char *block);

/* The serial of the USB device that the block device `block` belongs to; "" when it belongs to none. */
void sysfs_read_usb_serial(char *ret, size_t size, const char *block);

#endif
