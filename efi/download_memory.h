/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a file that is being downloaded: whole pages, so that a kernel or an initrd can be used where it lies. */
#ifndef SLIPWAY_EFI_DOWNLOAD_MEMORY_H
#define SLIPWAY_EFI_DOWNLOAD_MEMORY_H

#include "efi/download.h"

/* Makes room for `size` bytes and keeps the first `used`. Returns false, with nothing changed, without memory. */
bool download_reserve(struct download *d, uint64_t size, uint64_t used);

/* Puts `size` bytes at `offset`; a file that outgrows its room is moved. What was never stored has any value. Returns
 * false without memory. */
bool download_store(struct download *d, uint64_t offset, const void *data, size_t size);

#endif
