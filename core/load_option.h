/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EFI_LOAD_OPTION, the content of Boot#### (UEFI specification 3.1.3): u32 attributes, u16 size of the path list, a
 * title with NUL, device paths, data for the loader; and the device path nodes that tell where it leads (10.3). All
 * numbers are little-endian and of any alignment. */
#ifndef SLIPWAY_CORE_LOAD_OPTION_H
#define SLIPWAY_CORE_LOAD_OPTION_H

#include "core/cursor.h"
#include "core/text.h"

#define LOAD_OPTION_HEADER 6            /* attributes, size of the path list */
#define LOAD_OPTION_ACTIVE 0x00000001   /* the firmware may start it by itself */
#define LOAD_OPTION_CATEGORY 0x00001f00 /* 0: it boots; else an application */

/* All point into the variable that was parsed. */
struct load_option {
    uint32_t attributes;
    const uint8_t *title; /* UCS-2, NUL-terminated; title_size does not count the NUL */
    size_t title_size;
    const uint8_t *path; /* begins with a well-formed device path */
    size_t path_size;
    const uint8_t *data;
    size_t data_size;
};

/* Returns false, *ret undefined, when `bytes` are no load option. */
bool load_option_parse(const uint8_t *bytes, size_t size, struct load_option *ret);

/* Active, and boots something. */
bool load_option_boots(const struct load_option *o);

/* The title; what is not printable ASCII becomes '?'. */
void load_option_title(const struct load_option *o, struct text *ret);

#define LOAD_OPTION_MBR 1  /* the first four bytes of the signature are the disk's */
#define LOAD_OPTION_GUID 2 /* the signature is the partition's GUID, as it stands in the GPT */

/* A partition, as the hard drive media device path names it (10.3.5.1). */
struct load_option_partition {
    uint32_t number;
    uint64_t start, size; /* logical blocks */
    uint8_t signature[16];
    uint8_t signature_type;
};

/* Whether it leads to a partition, and to which. */
bool load_option_partition(const struct load_option *o, struct load_option_partition *ret);

/* The file it leads to, "\EFI\debian\shimx64.efi", as load_option_title writes; nothing when it names none. */
void load_option_file(const struct load_option *o, struct text *ret);

/* Whether it boots by PXE: a network card with IPv4 or IPv6, and no URL. The card's MAC address goes to ret_mac. */
bool load_option_network(const struct load_option *o, uint8_t ret_mac[6]);

/* Writes an active option that starts `file` ('\' between its parts, ASCII) on a partition. */
void load_option_write(struct writer *w, const char *title, const struct load_option_partition *p, const char *file);

#endif
