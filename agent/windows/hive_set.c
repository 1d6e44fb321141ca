/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "agent/base/le.h"
#include "agent/windows/hive_cell.h"
#include "agent/windows/utf16.h"

#define REG_SZ 1u
#define VALUE_PLACE 4 /* bytes: so little is kept where a longer one's offset would be */
#define TEXT_MAX 512  /* bytes as UTF-16, with the NUL */

/* A value without data: type and size are set by set_data. */
static uint32_t new_value(struct hive *h, const char *name, struct failure *f)
{
    uint32_t value = hive_cell_new(h, HIVE_VALUE_NAME + strlen(name), f);
    size_t size;
    uint8_t *p = value == HIVE_NONE ? NULL : hive_cell(h, value, 0, &size, f);

    if (!p)
        return HIVE_NONE;
    memcpy(p, "vk", 2);
    le16_write(p + HIVE_VALUE_NAME_LENGTH, (uint16_t)strlen(name));
    le32_write(p + HIVE_VALUE_SIZE, HIVE_VALUE_IN_PLACE);
    le16_write(p + HIVE_VALUE_FLAGS, HIVE_VALUE_NAME_IS_ASCII);
    memcpy(p + HIVE_VALUE_NAME, name, strlen(name));
    return value;
}

/* The list of a key's values with room for one more. */
static uint8_t *extend_list(struct hive *h, hive_key key, uint32_t count, struct failure *f)
{
    size_t size;
    uint8_t *k = hive_cell(h, key, HIVE_KEY_NAME, &size, f), *old = NULL, *new;
    uint32_t offset;

    if (!k)
        return NULL;
    if (count) {
        offset = le32_read(k + HIVE_KEY_VALUE_LIST);
        old = hive_cell(h, offset, count * 4, &size, f);
        if (!old)
            return NULL;
        hive_cell_changed(h, offset);
        if (size >= (count + 1) * 4)
            return old;
        hive_cell_free(h, offset);
    }
    offset = hive_cell_new(h, (count + 1) * 4, f);
    new = offset == HIVE_NONE ? NULL : hive_cell(h, offset, (count + 1) * 4, &size, f);
    if (!new)
        return NULL;
    if (old)
        memcpy(new, old, count * 4);
    le32_write(k + HIVE_KEY_VALUE_LIST, offset);
    return new;
}

static uint32_t add_value(struct hive *h, hive_key key, const char *name, struct failure *f)
{
    size_t size;
    uint8_t *k = hive_cell(h, key, HIVE_KEY_NAME, &size, f), *list;
    uint32_t value = new_value(h, name, f), count, longest;

    if (!k || value == HIVE_NONE)
        return HIVE_NONE;
    hive_cell_changed(h, key);
    count = le32_read(k + HIVE_KEY_VALUES);
    list = extend_list(h, key, count, f);
    if (!list)
        return HIVE_NONE;
    le32_write(list + 4 * count, value);
    le32_write(k + HIVE_KEY_VALUES, count + 1);
    longest = le32_read(k + HIVE_KEY_LONGEST_VALUE_NAME);
    if (longest < 2 * strlen(name))
        le32_write(k + HIVE_KEY_LONGEST_VALUE_NAME, (uint32_t)(2 * strlen(name)));
    return value;
}

/* The cell that holds the value's data, or HIVE_NONE without *f: it has none of its own. */
static uint8_t *data_cell(struct hive *h, const uint8_t *v, uint32_t *ret, size_t *ret_size, struct failure *f)
{
    *ret = HIVE_NONE;
    if (le32_read(v + HIVE_VALUE_SIZE) & HIVE_VALUE_IN_PLACE || le32_read(v + HIVE_VALUE_SIZE) == 0)
        return NULL;
    *ret = le32_read(v + HIVE_VALUE_DATA);
    return hive_cell(h, *ret, 0, ret_size, f);
}

static bool is_set(const uint8_t *v, const uint8_t *old, size_t room, const uint8_t *data, uint32_t n)
{
    uint32_t size = le32_read(v + HIVE_VALUE_SIZE);

    if (le32_read(v + HIVE_VALUE_TYPE) != REG_SZ || (size & ~HIVE_VALUE_IN_PLACE) != n)
        return false;
    if (size & HIVE_VALUE_IN_PLACE)
        return n <= VALUE_PLACE && !memcmp(v + HIVE_VALUE_DATA, data, n);
    return old && room >= n && !memcmp(old, data, n);
}

/* The cell `offset`, HIVE_NONE for none, of `room` bytes, or a new one with more. */
static uint32_t put_in_cell(struct hive *h, uint32_t offset, size_t room, const uint8_t *data, uint32_t n,
                            struct failure *f)
{
    uint8_t *p;

    if (offset != HIVE_NONE && room < n) {
        hive_cell_free(h, offset);
        offset = HIVE_NONE;
    }
    if (offset == HIVE_NONE)
        offset = hive_cell_new(h, n, f);
    p = offset == HIVE_NONE ? NULL : hive_cell(h, offset, n, &room, f);
    if (!p)
        return HIVE_NONE;
    memset(p, 0, room);
    memcpy(p, data, n);
    hive_cell_changed(h, offset);
    return offset;
}

static int set_data(struct hive *h, uint32_t value, const uint8_t *data, uint32_t n, struct failure *f)
{
    size_t room = 0;
    uint8_t *v = hive_cell(h, value, HIVE_VALUE_NAME, &room, f), *old;
    uint32_t offset;

    if (!v)
        return -1;
    old = data_cell(h, v, &offset, &room, f);
    if (!old && offset != HIVE_NONE)
        return -1;
    if (is_set(v, old, room, data, n))
        return 0;
    hive_cell_changed(h, value);
    if (n <= VALUE_PLACE) {
        if (old)
            hive_cell_free(h, offset);
        memset(v + HIVE_VALUE_DATA, 0, VALUE_PLACE);
        memcpy(v + HIVE_VALUE_DATA, data, n);
    } else {
        offset = put_in_cell(h, offset, room, data, n, f);
        if (offset == HIVE_NONE)
            return -1;
        le32_write(v + HIVE_VALUE_DATA, offset);
    }
    le32_write(v + HIVE_VALUE_SIZE, n <= VALUE_PLACE ? n | HIVE_VALUE_IN_PLACE : n);
    le32_write(v + HIVE_VALUE_TYPE, REG_SZ);
    return 0;
}

int hive_value_set_text(struct hive *h, hive_key key, const char *name, const char *text, struct failure *f)
{
    uint8_t data[TEXT_MAX] = {0}, *k;
    size_t size;
    uint32_t value;
    int n = utf16_encode(text, data, sizeof(data) - 2), found = hive_value_find(h, key, name, &value, f);

    if (found < 0)
        return -1;
    if (n < 0)
        return fail(f, "identity", "the text for %s in the %s hive is no UTF-8 or too long", name, h->name);
    if (!found)
        value = add_value(h, key, name, f);
    if (value == HIVE_NONE || set_data(h, value, data, (uint32_t)n + 2, f))
        return -1;
    k = hive_cell(h, key, HIVE_KEY_NAME, &size, f);
    if (k && le32_read(k + HIVE_KEY_LARGEST_VALUE) < (uint32_t)n + 2) {
        le32_write(k + HIVE_KEY_LARGEST_VALUE, (uint32_t)n + 2);
        hive_cell_changed(h, key);
    }
    return k ? 0 : -1;
}
