/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/manifest_reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int manifest_bad(const struct manifest_reader *r, const char *key, const char *what)
{
    return fail(r->f, "bad-image", "manifest of %s: %s%s %s", r->image, r->where, key, what);
}

int manifest_read_text(const struct manifest_reader *r, const json_t *object, const char *key, char *ret, size_t size)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_string(value))
        return manifest_bad(r, key, "is missing or no string");
    if (json_string_length(value) >= size || strlen(json_string_value(value)) != json_string_length(value))
        return manifest_bad(r, key, "is too long");
    memcpy(ret, json_string_value(value), json_string_length(value) + 1);
    return 0;
}

int manifest_read_number(const struct manifest_reader *r, const json_t *object, const char *key, uint64_t max,
                         uint64_t *ret)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value))
        return manifest_bad(r, key, "is missing or no number");
    if (json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
        return manifest_bad(r, key, "is out of range");
    *ret = (uint64_t)json_integer_value(value);
    return 0;
}

int manifest_read_hex(const struct manifest_reader *r, const json_t *object, const char *key, uint64_t *ret)
{
    char hex[17], *end;

    if (manifest_read_text(r, object, key, hex, sizeof(hex)))
        return -1;
    *ret = strtoull(hex, &end, 16);
    return isxdigit((unsigned char)hex[0]) && !*end ? 0 : manifest_bad(r, key, "is no hexadecimal number");
}

int manifest_read_guid(const struct manifest_reader *r, const json_t *object, const char *key, char ret[40])
{
    if (manifest_read_text(r, object, key, ret, 40))
        return -1;
    for (unsigned i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? ret[i] != '-' : !isxdigit((unsigned char)ret[i]))
            return manifest_bad(r, key, "is no UUID");
    return ret[36] ? manifest_bad(r, key, "is no UUID") : 0;
}

int manifest_read_sha256(const struct manifest_reader *r, const json_t *object, uint8_t ret[32])
{
    char hex[CHUNK_TEXT_SIZE];

    if (manifest_read_text(r, object, "sha256", hex, sizeof(hex)))
        return -1;
    return chunk_id_parse(hex, ret) ? 0 : manifest_bad(r, "sha256", "is no SHA-256");
}
