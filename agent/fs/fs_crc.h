/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksums of ext4 (both), XFS and btrfs (CRC-32C) and of LVM2 (CRC-32), without the inversions at the start and the
 * end. */
#ifndef SLIPWAY_AGENT_FS_CRC_H
#define SLIPWAY_AGENT_FS_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t fs_crc32c(uint32_t crc, const void *data, size_t size);
uint32_t fs_crc32(uint32_t crc, const void *data, size_t size);
uint16_t fs_crc16(uint16_t crc, const void *data, size_t size);

#endif
