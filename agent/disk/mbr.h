/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sectors of an MBR partition table: the master boot record and the extended boot records, which have the same
 * form. Only the first 512 bytes of a sector matter, whatever its size. Pure bytes. */
#ifndef SLIPWAY_AGENT_MBR_H
#define SLIPWAY_AGENT_MBR_H

#include <stdbool.h>
#include <stdint.h>

#define MBR_SIZE 512
#define MBR_CODE_SIZE 440 /* boot code; the disk's signature and the entries follow */
#define MBR_SIGNATURE_AT 510
#define MBR_ENTRIES 4

#define MBR_ACTIVE 0x80 /* status */

#define MBR_TYPE_PROTECTIVE 0xee /* UEFI 2.10, 5.2.3 */
#define MBR_TYPE_LDM 0x42        /* Windows dynamic disks */

struct mbr_entry {
    uint8_t status, type;
    uint32_t start, count; /* sectors; 0 sectors: an empty entry */
};

/* Whether the sector ends in 55 AA. */
bool mbr_is_signed(const uint8_t sector[MBR_SIZE]);

/* The disk's signature (bytes 440 to 443). */
uint32_t mbr_disk_signature(const uint8_t sector[MBR_SIZE]);

/* `i` is less than MBR_ENTRIES. */
struct mbr_entry mbr_get(const uint8_t sector[MBR_SIZE], unsigned i);

/* Sets entry `i`. Its cylinder-head-sector addresses stay when start and count stay; otherwise they become those that
 * every disk has been given for the last decades (255 heads, 63 sectors; "beyond" where that does not suffice). */
void mbr_put(uint8_t sector[MBR_SIZE], unsigned i, const struct mbr_entry *e);

/* Types of partitions that hold logical ones: 05, 0F, 85. */
bool mbr_is_extended(uint8_t type);

/* Finds the entry of the logical partition and the link to the next record in an extended boot record; -1 where there
 * is none. Returns false when it has two of a kind. */
bool mbr_find_logical(const uint8_t sector[MBR_SIZE], int *ret_data, int *ret_link);

#endif
