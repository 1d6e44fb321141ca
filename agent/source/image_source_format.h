/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_IMAGE_SOURCE_FORMAT_H
#define SLIPWAY_AGENT_IMAGE_SOURCE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

/* Looks at the first bytes of what shall be written to a disk: a format that nobody here unpacks would be written as it
 * is, and ruin the disk. Returns 0, or -1 with *f ("bad-image") that names the format, or says that there is nothing.
 */
int image_source_format_check(const char *name, const void *data, size_t size, struct failure *f);

/* The sector size that the GUID partition table in these first bytes of a disk was made for; 0 when there is none. */
uint32_t image_source_format_sector_size(const void *data, size_t size);

#endif
