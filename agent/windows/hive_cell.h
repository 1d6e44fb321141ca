/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts that the hive*.c share: cells, the pieces that a hive consists of. */
#ifndef SLIPWAY_AGENT_HIVE_CELL_H
#define SLIPWAY_AGENT_HIVE_CELL_H

#include "agent/windows/hive.h"

#define HIVE_NONE UINT32_MAX /* in place of an offset */

/* Of cells that hold values ("vk") and keys ("nk"): offsets in them. */
enum {
    HIVE_KEY_FLAGS = 2,
    HIVE_KEY_SUBKEYS = 20,
    HIVE_KEY_SUBKEY_LIST = 28,
    HIVE_KEY_VALUES = 36,
    HIVE_KEY_VALUE_LIST = 40,
    HIVE_KEY_LONGEST_VALUE_NAME = 60, /* bytes as UTF-16 */
    HIVE_KEY_LARGEST_VALUE = 64,
    HIVE_KEY_NAME_LENGTH = 72,
    HIVE_KEY_NAME = 76,

    HIVE_VALUE_NAME_LENGTH = 2,
    HIVE_VALUE_SIZE = 4,
    HIVE_VALUE_DATA = 8,
    HIVE_VALUE_TYPE = 12,
    HIVE_VALUE_FLAGS = 16,
    HIVE_VALUE_NAME = 20,
};

#define HIVE_KEY_NAME_IS_ASCII 0x20u
#define HIVE_VALUE_NAME_IS_ASCII 0x01u
#define HIVE_VALUE_IN_PLACE 0x80000000u /* in the size: the data is where its offset would be */

/* The content of the cell at `offset`, at least `least` bytes, *ret_size all that it has. Returns NULL with *f. Stays
 * valid until hive_close(). */
uint8_t *hive_cell(struct hive *h, uint32_t offset, size_t least, size_t *ret_size, struct failure *f);

/* A new cell, its content zeros. Returns its offset, or HIVE_NONE with *f. */
uint32_t hive_cell_new(struct hive *h, size_t size, struct failure *f);

/* Says that a cell's content was or will be changed. */
void hive_cell_changed(struct hive *h, uint32_t offset);

/* Marks a cell as free. */
void hive_cell_free(struct hive *h, uint32_t offset);

/* Fails with "the NAME hive is damaged: WHAT"; returns -1. */
int hive_damaged(const struct hive *h, struct failure *f, const char *what);

/* The value's cell of that name in a key. Returns 1, 0 or -1 as hive_key_find. */
int hive_value_find(struct hive *h, hive_key key, const char *name, uint32_t *ret, struct failure *f);

#endif
