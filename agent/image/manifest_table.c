/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/image/manifest_reader.h"

uint8_t manifest_mbr_type(const struct manifest_partition *p)
{
    return (uint8_t)strtoul(p->type, NULL, 16);
}

/* "0x83": what manifest_format writes, and nothing else. */
static bool is_mbr_type(const char *text)
{
    return text[0] == '0' && text[1] == 'x' && isxdigit((unsigned char)text[2]) && isxdigit((unsigned char)text[3]) &&
           !text[4] && strtoul(text, NULL, 16);
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* Exactly `size` bytes, at most MBR_SIZE. */
static int read_bytes(const struct manifest_reader *r, const json_t *object, const char *key, uint8_t *ret, size_t size)
{
    char hex[2 * MBR_SIZE + 1];

    if (manifest_read_text(r, object, key, hex, sizeof(hex)))
        return -1;
    if (strlen(hex) != 2 * size)
        return manifest_bad(r, key, "has another length");
    for (unsigned i = 0; i < size; i++) {
        int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return manifest_bad(r, key, "is not hexadecimal");
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

static int read_ebrs(struct manifest_reader *r, const json_t *object, struct manifest_extended *x)
{
    const json_t *list = json_object_get(object, "ebrs");

    if (!json_is_array(list) || json_array_size(list) > MANIFEST_PARTITIONS)
        return manifest_bad(r, "ebrs", "is missing or too long");
    x->count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < x->count; i++) {
        snprintf(r->where, sizeof(r->where), "disk.extended.ebrs[%u].", i);
        if (manifest_read_number(r, json_array_get(list, i), "start", MANIFEST_SIZE_LIMIT, &x->ebrs[i].start) ||
            read_bytes(r, json_array_get(list, i), "sector", x->ebrs[i].sector, MBR_SIZE))
            return -1;
    }
    return 0;
}

static int read_extended(struct manifest_reader *r, const json_t *object, struct manifest_extended *x)
{
    char type[40];
    uint64_t number, attributes;

    if (!object)
        return 0;
    snprintf(r->where, sizeof(r->where), "disk.extended.");
    if (manifest_read_number(r, object, "number", MBR_ENTRIES, &number) ||
        manifest_read_number(r, object, "start", MANIFEST_SIZE_LIMIT, &x->start) ||
        manifest_read_number(r, object, "size", MANIFEST_SIZE_LIMIT, &x->size) ||
        manifest_read_text(r, object, "type", type, sizeof(type)) ||
        manifest_read_hex(r, object, "attributes", &attributes))
        return -1;
    x->number = (unsigned)number;
    x->type = (uint8_t)strtoul(type, NULL, 16);
    x->active = attributes == 0x80;
    if (!number)
        return manifest_bad(r, "number", "is out of range");
    if (!is_mbr_type(type) || !mbr_is_extended(x->type))
        return manifest_bad(r, "type", "is none of an extended partition");
    return read_ebrs(r, object, x);
}

static int read_signature(const struct manifest_reader *r, const json_t *disk, char ret[40])
{
    uint64_t value;

    if (manifest_read_text(r, disk, "uuid", ret, 40) || manifest_read_hex(r, disk, "uuid", &value))
        return -1;
    return strlen(ret) == 8 ? 0 : manifest_bad(r, "uuid", "is no signature of a disk");
}

/* Images of the first version do not have them. */
static int read_usable(const struct manifest_reader *r, const json_t *disk, struct manifest *m)
{
    if (!json_object_get(disk, "first_usable"))
        return 0;
    if (manifest_read_number(r, disk, "first_usable", MANIFEST_SIZE_LIMIT, &m->first_usable) ||
        manifest_read_number(r, disk, "usable_end", MANIFEST_SIZE_LIMIT, &m->usable_end))
        return -1;
    if (m->first_usable % m->sector_size || m->usable_end % m->sector_size || m->first_usable > m->usable_end ||
        m->usable_end > m->disk_size)
        return manifest_bad(r, "first_usable or usable_end", "is out of range");
    return 0;
}

/* Images of the first version do not have it: their tables are GPTs, for which one can be made. */
static int read_mbr(const struct manifest_reader *r, const json_t *disk, struct manifest *m)
{
    if (!strcmp(m->table, "gpt") && !json_object_get(disk, "mbr"))
        return 0;
    if (read_bytes(r, disk, "mbr", m->mbr + MBR_CODE_SIZE, MBR_SIZE - MBR_CODE_SIZE))
        return -1;
    return mbr_is_signed(m->mbr) ? 0 : manifest_bad(r, "mbr", "does not end in 55aa");
}

int manifest_read_table(struct manifest_reader *r, const json_t *disk, struct manifest *m)
{
    bool is_mbr;

    if (manifest_read_text(r, disk, "table", m->table, sizeof(m->table)))
        return -1;
    if (json_object_get(disk, "note") && manifest_read_text(r, disk, "note", m->note, sizeof(m->note)))
        return -1;
    if (!strcmp(m->table, "none"))
        return 0;
    is_mbr = !strcmp(m->table, "mbr");
    if (!is_mbr && strcmp(m->table, "gpt") && strcmp(m->table, "hybrid"))
        return manifest_bad(r, "table", "is of a kind that this agent does not know");
    if (read_mbr(r, disk, m))
        return -1;
    if (is_mbr)
        return read_signature(r, disk, m->disk_uuid) ||
                       read_extended(r, json_object_get(disk, "extended"), &m->extended)
                   ? -1
                   : 0;
    return manifest_read_guid(r, disk, "uuid", m->disk_uuid) || read_usable(r, disk, m) ? -1 : 0;
}

static int read_mbr_entry(const struct manifest_reader *r, const json_t *object, const struct manifest *m,
                          struct manifest_partition *p)
{
    char expected[40];

    if (manifest_read_text(r, object, "type", p->type, sizeof(p->type)) ||
        manifest_read_text(r, object, "uuid", p->uuid, sizeof(p->uuid)) ||
        manifest_read_text(r, object, "name", p->name, sizeof(p->name)) ||
        manifest_read_hex(r, object, "attributes", &p->attributes))
        return -1;
    if (!is_mbr_type(p->type) || mbr_is_extended(manifest_mbr_type(p)))
        return manifest_bad(r, "type", "is none of a partition in an MBR");
    if (p->attributes > 0xff)
        return manifest_bad(r, "attributes", "is out of range");
    snprintf(expected, sizeof(expected), "%.8s-%02x", m->disk_uuid, p->number & 0xff);
    return strcmp(p->uuid, expected) || p->name[0] ? manifest_bad(r, "uuid or name", "is not that of an MBR") : 0;
}

int manifest_read_entry(const struct manifest_reader *r, const json_t *object, const struct manifest *m,
                        struct manifest_partition *p)
{
    if (!strcmp(m->table, "none"))
        return 0;
    if (!strcmp(m->table, "mbr"))
        return read_mbr_entry(r, object, m, p);
    return manifest_read_guid(r, object, "type", p->type) || manifest_read_guid(r, object, "uuid", p->uuid) ||
                   manifest_read_text(r, object, "name", p->name, sizeof(p->name)) ||
                   manifest_read_hex(r, object, "attributes", &p->attributes)
               ? -1
               : 0;
}
