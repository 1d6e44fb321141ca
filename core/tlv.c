/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tlv.h"

void tlv_init(struct tlv_iter *i, const uint8_t *bytes, size_t size)
{
    cursor_init(&i->cursor, bytes, size);
    i->malformed = false;
    i->torn = 0;
}

/* Leaves nothing for another call to find. */
static void tlv_stop(struct tlv_iter *i)
{
    i->cursor.at = i->cursor.size;
}

bool tlv_next(struct tlv_iter *i, struct tlv *ret)
{
    struct tlv item;

    do {
        if (cursor_left(&i->cursor) == 0)
            return false;
        item.code = cursor_u8(&i->cursor);
    } while (item.code == TLV_PAD);
    if (item.code == TLV_END) {
        tlv_stop(i);
        return false;
    }
    item.size = cursor_u8(&i->cursor);
    item.data = cursor_bytes(&i->cursor, item.size);
    if (!item.data) {
        i->malformed = true;
        i->torn = item.code;
        return false;
    }
    *ret = item;
    return true;
}

bool tlv_find(const uint8_t *bytes, size_t size, uint8_t code, struct tlv *ret)
{
    struct tlv_iter i;
    struct tlv item;

    tlv_init(&i, bytes, size);
    while (tlv_next(&i, &item)) {
        if (item.code == code) {
            *ret = item;
            return true;
        }
    }
    return false;
}
