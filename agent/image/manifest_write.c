/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/json_text.h"
#include "agent/image/system_json.h"

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *hash(const uint8_t sha256[32])
{
    char hex[CHUNK_TEXT_SIZE];

    chunk_id_format(sha256, hex);
    return json_string(hex);
}

static json_t *format_fs(const struct manifest_partition *p)
{
    if (!p->has_fs)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "type", json_text(p->fs_type), "uuid", json_text(p->fs_uuid), "label",
                     json_text(p->fs_label), "used", number(p->fs_used), "smallest", number(p->fs_smallest));
}

static json_t *format_partition(const struct manifest_partition *p)
{
    char attributes[17];

    snprintf(attributes, sizeof(attributes), "%" PRIx64, p->attributes);
    return json_pack("{s:i, s:o, s:o, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:s, s:o}", "number", (int)p->number, "start",
                     number(p->start), "size", number(p->size), "type", p->type, "uuid", p->uuid, "name",
                     json_text(p->name), "attributes", attributes, "index", p->index.file, "sha256",
                     hash(p->index.sha256), "fs", format_fs(p), "captured", p->raw ? "raw" : "used-blocks", "note",
                     json_text(p->note));
}

static json_t *format_partitions(const struct manifest *m)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < m->count; i++)
        if (json_array_append_new(list, format_partition(&m->partitions[i]))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *format_boot(const struct manifest *m)
{
    if (!m->boot_size)
        return json_null();
    return json_pack("{s:i, s:o, s:s, s:o}", "start", 0, "size", number(m->boot_size), "index", m->boot.file, "sha256",
                     hash(m->boot.sha256));
}

/* Nothing for one disk: such images are what they always were. */
static int add_further(json_t *root, const struct manifest *m)
{
    json_t *list;

    if (!m->further_count)
        return 0;
    list = json_array();
    for (unsigned i = 0; i < m->further_count; i++)
        if (json_array_append_new(
                list, json_pack("{s:s, s:o}", "manifest", m->further[i].file, "sha256", hash(m->further[i].sha256)))) {
            json_decref(list);
            return -1;
        }
    return json_object_set_new(root, "disks", list);
}

/* At most MBR_SIZE bytes. */
static json_t *bytes(const uint8_t *data, size_t size)
{
    char hex[2 * MBR_SIZE + 1];

    for (size_t i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", data[i]);
    return json_string(hex);
}

static json_t *format_ebr(const struct manifest_ebr *ebr)
{
    return json_pack("{s:o, s:o}", "start", number(ebr->start), "sector", bytes(ebr->sector, MBR_SIZE));
}

static json_t *format_extended(const struct manifest_extended *x)
{
    json_t *ebrs = json_array();
    char type[8];

    for (unsigned i = 0; i < x->count; i++)
        if (json_array_append_new(ebrs, format_ebr(&x->ebrs[i]))) {
            json_decref(ebrs);
            return NULL;
        }
    snprintf(type, sizeof(type), "0x%02x", x->type);
    return json_pack("{s:i, s:o, s:o, s:s, s:s, s:o}", "number", (int)x->number, "start", number(x->start), "size",
                     number(x->size), "type", type, "attributes", x->active ? "80" : "0", "ebrs", ebrs);
}

/* Members that only some disks have. */
static int add_table(json_t *disk, const struct manifest *m)
{
    if (strcmp(m->table, "none") && mbr_is_signed(m->mbr) &&
        json_object_set_new(disk, "mbr", bytes(m->mbr + MBR_CODE_SIZE, MBR_SIZE - MBR_CODE_SIZE)))
        return -1;
    if (m->extended.number && json_object_set_new(disk, "extended", format_extended(&m->extended)))
        return -1;
    if (m->usable_end && (json_object_set_new(disk, "first_usable", number(m->first_usable)) ||
                          json_object_set_new(disk, "usable_end", number(m->usable_end))))
        return -1;
    return m->note[0] ? json_object_set_new(disk, "note", json_text(m->note)) : 0;
}

static json_t *format_disk(const struct manifest *m)
{
    json_t *disk =
        json_pack("{s:o, s:i, s:o, s:s, s:s, s:o}", "size", number(m->disk_size), "sector_size", (int)m->sector_size,
                  "model", json_text(m->model), "table", m->table, "uuid", m->disk_uuid, "used", number(m->used));

    if (disk && add_table(disk, m)) {
        json_decref(disk);
        return NULL;
    }
    return disk;
}

char *manifest_format(const struct manifest *m, struct failure *f)
{
    json_t *source = json_pack("{s:o, s:o, s:o}", "machine", json_text(m->machine), "uuid", json_text(m->uuid), "mac",
                               json_text(m->mac));
    json_t *root =
        json_pack("{s:i, s:s, s:s, s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o}", "format", 1, "name", m->name, "created",
                  m->created, "agent", m->agent, "source", source, "firmware", m->firmware, "chunk_size",
                  (int)CHUNK_SIZE, "disk", format_disk(m), "boot", format_boot(m), "partitions", format_partitions(m),
                  "systems", system_list_format(m->systems, m->system_count, false));
    char *result = root && !add_further(root, m) ? json_dumps(root, JSON_INDENT(1)) : NULL;

    json_decref(root);
    if (!result)
        fail(f, "out-of-memory", "no memory for the manifest of image %s", m->name);
    return result;
}
