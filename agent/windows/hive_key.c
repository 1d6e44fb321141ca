/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "agent/base/le.h"
#include "agent/windows/hive_cell.h"
#include "agent/windows/utf16.h"

#define LIST_HEAD 4
#define SUBKEYS_MAX 1000000u
#define VALUES_MAX 65536u

#define REG_SZ 1u
#define REG_EXPAND_SZ 2u
#define REG_DWORD 4u

/* Names are ASCII or UTF-16. `bytes` has `size` of them. */
static bool name_is(const uint8_t *bytes, size_t size, bool is_ascii, const char *name, size_t length)
{
    if (is_ascii)
        return size == length && strncasecmp((const char *)bytes, name, length) == 0;
    if (size != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (bytes[2 * i + 1] || strncasecmp((const char *)bytes + 2 * i, name + i, 1) != 0)
            return false;
    return true;
}

static uint8_t *read_key(struct hive *h, hive_key key, struct failure *f)
{
    size_t size;
    uint8_t *p = hive_cell(h, key, HIVE_KEY_NAME, &size, f);

    if (p && (memcmp(p, "nk", 2) || le16_read(p + HIVE_KEY_NAME_LENGTH) > size - HIVE_KEY_NAME)) {
        hive_damaged(h, f, "what should be a key is none");
        return NULL;
    }
    return p;
}

/* What is looked for in the lists of a key. */
struct search {
    const char *name;
    size_t length;
    uint32_t left; /* keys that may still be compared */
    hive_key found;
};

static int compare_key(struct hive *h, hive_key key, struct search *s, struct failure *f)
{
    const uint8_t *p = read_key(h, key, f);

    if (!p)
        return -1;
    if (s->left-- == 0)
        return hive_damaged(h, f, "a key has more subkeys than it says");
    s->found = key;
    return name_is(p + HIVE_KEY_NAME, le16_read(p + HIVE_KEY_NAME_LENGTH),
                   le16_read(p + HIVE_KEY_FLAGS) & HIVE_KEY_NAME_IS_ASCII, s->name, s->length);
}

/* "lf" and "lh" have a hash behind each offset, "li" has not, "ri" is a list of such lists. */
static int search_list(struct hive *h, uint32_t list, bool in_list, struct search *s, struct failure *f)
{
    size_t size, step;
    const uint8_t *p = hive_cell(h, list, LIST_HEAD, &size, f);
    bool of_lists;
    int found = 0;

    if (!p)
        return -1;
    of_lists = !memcmp(p, "ri", 2) && !in_list;
    if (!of_lists && memcmp(p, "lf", 2) && memcmp(p, "lh", 2) && memcmp(p, "li", 2))
        return hive_damaged(h, f, "a list of subkeys is none");
    step = p[1] == 'i' ? 4 : 8;
    if (le16_read(p + 2) > (size - LIST_HEAD) / step)
        return hive_damaged(h, f, "a list of subkeys is longer than its cell");
    for (unsigned i = 0; !found && i < le16_read(p + 2); i++) {
        uint32_t offset = le32_read(p + LIST_HEAD + i * step);
        found = of_lists ? search_list(h, offset, true, s, f) : compare_key(h, offset, s, f);
    }
    return found;
}

static int find_child(struct hive *h, hive_key key, const char *name, size_t length, hive_key *ret, struct failure *f)
{
    struct search s = {.name = name, .length = length};
    const uint8_t *p = read_key(h, key, f);
    int found;

    if (!p)
        return -1;
    s.left = le32_read(p + HIVE_KEY_SUBKEYS);
    if (s.left == 0)
        return 0;
    if (s.left > SUBKEYS_MAX)
        return hive_damaged(h, f, "a key says that it has millions of subkeys");
    found = search_list(h, le32_read(p + HIVE_KEY_SUBKEY_LIST), false, &s, f);
    if (found > 0)
        *ret = s.found;
    return found;
}

int hive_key_find(struct hive *h, const char *path, hive_key *ret, struct failure *f)
{
    hive_key key = h->root;
    int found = 1;

    while (found > 0 && *path) {
        size_t length = strcspn(path, "\\");
        found = find_child(h, key, path, length, &key, f);
        path += length + (path[length] == '\\');
    }
    if (found > 0)
        *ret = key;
    return found;
}

static uint8_t *read_value(struct hive *h, uint32_t value, struct failure *f)
{
    size_t size;
    uint8_t *p = hive_cell(h, value, HIVE_VALUE_NAME, &size, f);

    if (p && (memcmp(p, "vk", 2) || le16_read(p + HIVE_VALUE_NAME_LENGTH) > size - HIVE_VALUE_NAME)) {
        hive_damaged(h, f, "what should be a value is none");
        return NULL;
    }
    return p;
}

int hive_value_find(struct hive *h, hive_key key, const char *name, uint32_t *ret, struct failure *f)
{
    const uint8_t *k = read_key(h, key, f), *list, *v;
    size_t size, length = strlen(name);
    uint32_t count;

    if (!k)
        return -1;
    count = le32_read(k + HIVE_KEY_VALUES);
    if (count == 0)
        return 0;
    if (count > VALUES_MAX)
        return hive_damaged(h, f, "a key says that it has many thousands of values");
    list = hive_cell(h, le32_read(k + HIVE_KEY_VALUE_LIST), count * 4, &size, f);
    for (uint32_t i = 0; list && i < count; i++) {
        v = read_value(h, le32_read(list + 4 * i), f);
        if (!v)
            return -1;
        *ret = le32_read(list + 4 * i);
        if (name_is(v + HIVE_VALUE_NAME, le16_read(v + HIVE_VALUE_NAME_LENGTH),
                    le16_read(v + HIVE_VALUE_FLAGS) & HIVE_VALUE_NAME_IS_ASCII, name, length))
            return 1;
    }
    return list ? 0 : -1;
}

/* Finds a value of `type` or `type_2` and its data. */
static int read_data(struct hive *h, hive_key key, const char *name, const uint32_t types[2], const uint8_t **ret,
                     uint32_t *ret_size, struct failure *f)
{
    uint32_t value, type;
    int found = hive_value_find(h, key, name, &value, f);
    const uint8_t *v = found > 0 ? read_value(h, value, f) : NULL;
    size_t size;

    if (!v)
        return found;
    type = le32_read(v + HIVE_VALUE_TYPE);
    if (type != types[0] && type != types[1])
        return 0;
    *ret_size = le32_read(v + HIVE_VALUE_SIZE) & ~HIVE_VALUE_IN_PLACE;
    *ret = v + HIVE_VALUE_DATA;
    if (*ret_size && !(le32_read(v + HIVE_VALUE_SIZE) & HIVE_VALUE_IN_PLACE))
        *ret = hive_cell(h, le32_read(v + HIVE_VALUE_DATA), *ret_size, &size, f);
    else if (*ret_size > 4)
        return hive_damaged(h, f, "a value is longer than its place");
    return *ret ? 1 : -1;
}

int hive_value_text(struct hive *h, hive_key key, const char *name, char *ret, size_t size, struct failure *f)
{
    static const uint32_t types[2] = {REG_SZ, REG_EXPAND_SZ};
    const uint8_t *data = NULL;
    uint32_t n = 0;
    int found = read_data(h, key, name, types, &data, &n, f);

    *ret = '\0';
    if (found > 0)
        utf16_decode(data, n, ret, size);
    return found;
}

int hive_value_number(struct hive *h, hive_key key, const char *name, uint32_t *ret, struct failure *f)
{
    static const uint32_t types[2] = {REG_DWORD, REG_DWORD};
    const uint8_t *data = NULL;
    uint32_t n = 0;
    int found = read_data(h, key, name, types, &data, &n, f);

    *ret = 0;
    if (found > 0 && n == 4)
        *ret = le32_read(data);
    return found > 0 && n != 4 ? 0 : found;
}
