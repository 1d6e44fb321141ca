/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one walk over DHCP options and over the sub-options of option 43: {code, length, value}..., where PAD (0) has no
 * length byte and END (255) ends the walk (RFC 2132 3.1, 3.2; PXE 2.1 2.1). A missing END is no error. */
#ifndef SLIPWAY_CORE_TLV_H
#define SLIPWAY_CORE_TLV_H

#include "core/cursor.h"

#define TLV_PAD 0
#define TLV_END 255

struct tlv {
    uint8_t code;
    uint8_t size;
    const uint8_t *data; /* in place; not NULL, even when size is 0 */
};

struct tlv_iter {
    struct cursor cursor;
    bool malformed; /* the walk stopped at an item that is longer than what is left */
    uint8_t torn;   /* malformed: the code of that item */
};

void tlv_init(struct tlv_iter *i, const uint8_t *bytes, size_t size);

/* Fills *ret and returns true, or returns false at END, at the end of the bytes, or at a truncated item (see
 * i->malformed); *ret is untouched then. */
bool tlv_next(struct tlv_iter *i, struct tlv *ret);

/* The first item with `code`. Returns false, *ret untouched, when there is none before the walk stops. */
bool tlv_find(const uint8_t *bytes, size_t size, uint8_t code, struct tlv *ret);

#endif
