/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/manifest.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define SIZE_LIMIT ((uint64_t)1 << 60)
#define BOOT_SIZE_MAX CHUNK_SIZE

/* What is being read, so that a message can say where the fault is. */
struct reader {
    const char *image;
    char where[32];
    struct failure *f;
};

static int bad(const struct reader *r, const char *key, const char *what)
{
    return fail(r->f, "bad-image", "manifest of %s: %s%s %s", r->image, r->where, key, what);
}

bool manifest_name_valid(const char *name)
{
    size_t n = strnlen(name, 65);

    if (n == 0 || n > 64 || !isalnum((unsigned char)name[0]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
            return false;
    return true;
}

void manifest_file_name(unsigned disk, char ret[64])
{
    if (disk)
        snprintf(ret, 64, "disk%u.json", disk + 1);
    else
        snprintf(ret, 64, "manifest.json");
}

void manifest_index_name(unsigned disk, unsigned number, char ret[64])
{
    char before[16] = "", what[20] = "boot";

    if (disk)
        snprintf(before, sizeof(before), "disk%u-", disk + 1);
    if (number)
        snprintf(what, sizeof(what), "part%u", number);
    snprintf(ret, 64, "%s%s.caibx", before, what);
}

static int read_text(const struct reader *r, const json_t *object, const char *key, char *ret, size_t size)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_string(value))
        return bad(r, key, "is missing or no string");
    if (json_string_length(value) >= size || strlen(json_string_value(value)) != json_string_length(value))
        return bad(r, key, "is too long");
    memcpy(ret, json_string_value(value), json_string_length(value) + 1);
    return 0;
}

static int read_number(const struct reader *r, const json_t *object, const char *key, uint64_t max, uint64_t *ret)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value))
        return bad(r, key, "is missing or no number");
    if (json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
        return bad(r, key, "is out of range");
    *ret = (uint64_t)json_integer_value(value);
    return 0;
}

static int read_guid(const struct reader *r, const json_t *object, const char *key, char ret[40])
{
    if (read_text(r, object, key, ret, 40))
        return -1;
    for (unsigned i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? ret[i] != '-' : !isxdigit((unsigned char)ret[i]))
            return bad(r, key, "is no UUID");
    return ret[36] ? bad(r, key, "is no UUID") : 0;
}

static int read_sha256(const struct reader *r, const json_t *object, uint8_t ret[32])
{
    char hex[CHUNK_TEXT_SIZE];

    if (read_text(r, object, "sha256", hex, sizeof(hex)))
        return -1;
    return chunk_id_parse(hex, ret) ? 0 : bad(r, "sha256", "is no SHA-256");
}

static int read_index(const struct reader *r, const json_t *object, struct manifest_index *ret)
{
    size_t n;

    if (read_text(r, object, "index", ret->file, sizeof(ret->file)))
        return -1;
    n = strlen(ret->file);
    if (!manifest_name_valid(ret->file) || n < 7 || strcmp(ret->file + n - 6, ".caibx"))
        return bad(r, "index", "is no name of an index file");
    return read_sha256(r, object, ret->sha256);
}

static int read_attributes(const struct reader *r, const json_t *object, uint64_t *ret)
{
    char hex[17], *end;

    if (read_text(r, object, "attributes", hex, sizeof(hex)))
        return -1;
    *ret = strtoull(hex, &end, 16);
    return isxdigit((unsigned char)hex[0]) && !*end ? 0 : bad(r, "attributes", "is no hexadecimal number");
}

static int read_fs(const struct reader *r, const json_t *object, struct manifest_partition *p)
{
    const json_t *fs = json_object_get(object, "fs");

    p->has_fs = json_is_object(fs);
    if (!p->has_fs)
        return json_is_null(fs) ? 0 : bad(r, "fs", "is missing");
    if (read_text(r, fs, "type", p->fs_type, sizeof(p->fs_type)) ||
        read_text(r, fs, "uuid", p->fs_uuid, sizeof(p->fs_uuid)) ||
        read_text(r, fs, "label", p->fs_label, sizeof(p->fs_label)) ||
        read_number(r, fs, "used", SIZE_LIMIT, &p->fs_used) ||
        read_number(r, fs, "smallest", SIZE_LIMIT, &p->fs_smallest))
        return -1;
    return 0;
}

static int read_captured(const struct reader *r, const json_t *object, struct manifest_partition *p)
{
    char captured[16];

    if (read_text(r, object, "captured", captured, sizeof(captured)) ||
        read_text(r, object, "note", p->note, sizeof(p->note)))
        return -1;
    p->raw = !strcmp(captured, "raw");
    return p->raw || !strcmp(captured, "used-blocks") ? 0 : bad(r, "captured", "is neither raw nor used-blocks");
}

static int read_partition(const struct reader *r, const json_t *object, struct manifest_partition *p)
{
    uint64_t number;

    if (read_number(r, object, "number", MANIFEST_PARTITIONS, &number) ||
        read_number(r, object, "start", SIZE_LIMIT, &p->start) ||
        read_number(r, object, "size", SIZE_LIMIT, &p->size) || read_guid(r, object, "type", p->type) ||
        read_guid(r, object, "uuid", p->uuid) || read_text(r, object, "name", p->name, sizeof(p->name)) ||
        read_attributes(r, object, &p->attributes) || read_index(r, object, &p->index) || read_fs(r, object, p) ||
        read_captured(r, object, p))
        return -1;
    p->number = (unsigned)number;
    return 0;
}

/* Whole sectors, inside the disk, in order, none over another. */
static int check_partition(const struct reader *r, const struct manifest *m, unsigned i)
{
    const struct manifest_partition *p = &m->partitions[i];
    uint64_t free_from = i ? m->partitions[i - 1].start + m->partitions[i - 1].size : 2 * (uint64_t)m->sector_size;

    if (!p->number || !p->size || p->start % m->sector_size || p->size % m->sector_size)
        return bad(r, "number, start or size", "is out of range");
    if (p->start < free_from || p->start + p->size > m->disk_size)
        return bad(r, "start", "lies over another partition or outside of the disk");
    for (unsigned k = 0; k < i; k++)
        if (m->partitions[k].number == p->number)
            return bad(r, "number", "is there twice");
    return 0;
}

static int read_partitions(struct reader *r, const json_t *root, struct manifest *m)
{
    const json_t *list = json_object_get(root, "partitions");

    if (!json_is_array(list) || json_array_size(list) > MANIFEST_PARTITIONS)
        return bad(r, "partitions", "is missing or too long");
    m->count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < m->count; i++) {
        snprintf(r->where, sizeof(r->where), "partitions[%u].", i);
        if (read_partition(r, json_array_get(list, i), &m->partitions[i]) || check_partition(r, m, i))
            return -1;
    }
    r->where[0] = 0;
    return 0;
}

static int read_disk(struct reader *r, const json_t *root, struct manifest *m)
{
    const json_t *disk = json_object_get(root, "disk");
    uint64_t sector_size;

    snprintf(r->where, sizeof(r->where), "disk.");
    if (read_number(r, disk, "size", SIZE_LIMIT, &m->disk_size) ||
        read_number(r, disk, "sector_size", 65536, &sector_size) ||
        read_text(r, disk, "model", m->model, sizeof(m->model)) ||
        read_text(r, disk, "table", m->table, sizeof(m->table)) || read_number(r, disk, "used", SIZE_LIMIT, &m->used))
        return -1;
    m->sector_size = (uint32_t)sector_size;
    if (sector_size != 512 && sector_size != 4096)
        return bad(r, "sector_size", "is neither 512 nor 4096");
    if (strcmp(m->table, "gpt"))
        return bad(r, "table", "is of a kind that this agent does not know");
    if (read_guid(r, disk, "uuid", m->disk_uuid))
        return -1;
    r->where[0] = 0;
    return 0;
}

static int read_boot(struct reader *r, const json_t *root, struct manifest *m)
{
    const json_t *boot = json_object_get(root, "boot");
    uint64_t start;

    if (json_is_null(boot))
        return 0;
    snprintf(r->where, sizeof(r->where), "boot.");
    if (read_number(r, boot, "start", 0, &start) || read_number(r, boot, "size", BOOT_SIZE_MAX, &m->boot_size) ||
        read_index(r, boot, &m->boot))
        return -1;
    if (!m->boot_size || m->boot_size % m->sector_size || m->boot_size > m->disk_size)
        return bad(r, "size", "is out of range");
    if (m->count && m->boot_size > m->partitions[0].start)
        return bad(r, "size", "reaches into the first partition");
    r->where[0] = 0;
    return 0;
}

/* The further disks' manifests, in order, under the only names that they can have. */
static int read_further(struct reader *r, const json_t *root, struct manifest *m)
{
    const json_t *list = json_object_get(root, "disks");

    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > MANIFEST_DISKS - 1)
        return bad(r, "disks", "is no array, or too long");
    m->further_count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < m->further_count; i++) {
        char expected[64];
        snprintf(r->where, sizeof(r->where), "disks[%u].", i);
        manifest_file_name(i + 1, expected);
        if (read_text(r, json_array_get(list, i), "manifest", m->further[i].file, sizeof(m->further[i].file)) ||
            read_sha256(r, json_array_get(list, i), m->further[i].sha256))
            return -1;
        if (strcmp(m->further[i].file, expected))
            return bad(r, "manifest", "is not the name of that disk's manifest");
    }
    r->where[0] = 0;
    return 0;
}

static int read_root(struct reader *r, const json_t *root, struct manifest *m)
{
    const json_t *source = json_object_get(root, "source");
    uint64_t number;

    if (read_number(r, root, "format", 1, &number) || read_text(r, root, "name", m->name, sizeof(m->name)))
        return -1;
    if (number != 1)
        return bad(r, "format", "is not 1");
    if (!manifest_name_valid(m->name))
        return bad(r, "name", "is no name of an image");
    if (read_text(r, root, "created", m->created, sizeof(m->created)) ||
        read_text(r, root, "agent", m->agent, sizeof(m->agent)) ||
        read_text(r, root, "firmware", m->firmware, sizeof(m->firmware)) ||
        read_text(r, source, "machine", m->machine, sizeof(m->machine)) ||
        read_text(r, source, "uuid", m->uuid, sizeof(m->uuid)) || read_text(r, source, "mac", m->mac, sizeof(m->mac)) ||
        read_number(r, root, "chunk_size", CHUNK_SIZE, &number))
        return -1;
    if (number != CHUNK_SIZE)
        return bad(r, "chunk_size", "is not 1048576");
    return read_disk(r, root, m) || read_partitions(r, root, m) || read_boot(r, root, m) || read_further(r, root, m)
               ? -1
               : 0;
}

int manifest_parse(const void *json, size_t size, const char *name, struct manifest *ret, struct failure *f)
{
    struct reader r = {.image = name, .f = f};
    json_error_t error;
    json_t *root;
    int result;

    memset(ret, 0, sizeof(*ret));
    if (size > MANIFEST_SIZE_MAX)
        return fail(f, "bad-image", "manifest of %s: %zu bytes are too many", name, size);
    root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(f, "bad-image", "manifest of %s: line %d: %s", name, error.line, error.text);
    result = read_root(&r, root, ret);
    json_decref(root);
    return result;
}

uint64_t manifest_smallest_disk(const struct manifest *m)
{
    /* UEFI 2.10, 5.3.1: at least 16 KiB of entries and one sector of header, at the very end. */
    uint64_t backup = 16384 + (uint64_t)m->sector_size;
    uint64_t end = 2 * (uint64_t)m->sector_size + 16384;

    if (m->count)
        end = m->partitions[m->count - 1].start + m->partitions[m->count - 1].size;
    return end + backup;
}
