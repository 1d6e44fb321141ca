/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/manifest.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/image/manifest_layout.h"
#include "agent/image/manifest_reader.h"
#include "agent/image/system_json.h"

#define BOOT_SIZE_MAX CHUNK_SIZE

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

static int read_index(const struct manifest_reader *r, const json_t *object, struct manifest_index *ret)
{
    size_t n;

    if (manifest_read_text(r, object, "index", ret->file, sizeof(ret->file)))
        return -1;
    n = strlen(ret->file);
    if (!manifest_name_valid(ret->file) || n < 7 || strcmp(ret->file + n - 6, ".caibx"))
        return manifest_bad(r, "index", "is no name of an index file");
    return manifest_read_sha256(r, object, ret->sha256);
}

static int read_fs(const struct manifest_reader *r, const json_t *object, struct manifest_partition *p)
{
    const json_t *fs = json_object_get(object, "fs");

    p->has_fs = json_is_object(fs);
    if (!p->has_fs)
        return json_is_null(fs) ? 0 : manifest_bad(r, "fs", "is missing");
    if (manifest_read_text(r, fs, "type", p->fs_type, sizeof(p->fs_type)) ||
        manifest_read_text(r, fs, "uuid", p->fs_uuid, sizeof(p->fs_uuid)) ||
        manifest_read_text(r, fs, "label", p->fs_label, sizeof(p->fs_label)) ||
        manifest_read_number(r, fs, "used", MANIFEST_SIZE_LIMIT, &p->fs_used) ||
        manifest_read_number(r, fs, "smallest", MANIFEST_SIZE_LIMIT, &p->fs_smallest))
        return -1;
    return 0;
}

static int read_captured(const struct manifest_reader *r, const json_t *object, struct manifest_partition *p)
{
    char captured[16];

    if (manifest_read_text(r, object, "captured", captured, sizeof(captured)) ||
        manifest_read_text(r, object, "note", p->note, sizeof(p->note)))
        return -1;
    p->raw = !strcmp(captured, "raw");
    return p->raw || !strcmp(captured, "used-blocks") ? 0
                                                      : manifest_bad(r, "captured", "is neither raw nor used-blocks");
}

static int read_partition(const struct manifest_reader *r, const json_t *object, const struct manifest *m,
                          struct manifest_partition *p)
{
    uint64_t number;

    if (manifest_read_number(r, object, "number", MANIFEST_PARTITIONS, &number) ||
        manifest_read_number(r, object, "start", MANIFEST_SIZE_LIMIT, &p->start) ||
        manifest_read_number(r, object, "size", MANIFEST_SIZE_LIMIT, &p->size))
        return -1;
    p->number = (unsigned)number;
    if (manifest_read_entry(r, object, m, p) || read_index(r, object, &p->index) || read_fs(r, object, p) ||
        read_captured(r, object, p))
        return -1;
    return 0;
}

static int read_partitions(struct manifest_reader *r, const json_t *root, struct manifest *m)
{
    const json_t *list = json_object_get(root, "partitions");

    if (!json_is_array(list) || json_array_size(list) > MANIFEST_PARTITIONS)
        return manifest_bad(r, "partitions", "is missing or too long");
    m->count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < m->count; i++) {
        snprintf(r->where, sizeof(r->where), "partitions[%u].", i);
        if (read_partition(r, json_array_get(list, i), m, &m->partitions[i]))
            return -1;
    }
    r->where[0] = 0;
    return 0;
}

static int read_disk(struct manifest_reader *r, const json_t *root, struct manifest *m)
{
    const json_t *disk = json_object_get(root, "disk");
    uint64_t sector_size;

    snprintf(r->where, sizeof(r->where), "disk.");
    if (manifest_read_number(r, disk, "size", MANIFEST_SIZE_LIMIT, &m->disk_size) ||
        manifest_read_number(r, disk, "sector_size", 65536, &sector_size) ||
        manifest_read_text(r, disk, "model", m->model, sizeof(m->model)) ||
        manifest_read_number(r, disk, "used", MANIFEST_SIZE_LIMIT, &m->used))
        return -1;
    m->sector_size = (uint32_t)sector_size;
    if (sector_size != 512 && sector_size != 4096)
        return manifest_bad(r, "sector_size", "is neither 512 nor 4096");
    if (manifest_read_table(r, disk, m))
        return -1;
    r->where[0] = 0;
    return 0;
}

/* The end of what can be a boot area. Without a table it is the first chunk of the only partition. */
static uint64_t boot_limit(const struct manifest *m)
{
    uint64_t limit = m->count ? m->partitions[0].start : m->disk_size;

    if (!strcmp(m->table, "none"))
        limit = m->partitions[0].size;
    if (m->extended.number && m->extended.start < limit)
        limit = m->extended.start;
    return limit < BOOT_SIZE_MAX ? limit : BOOT_SIZE_MAX;
}

static int read_boot(struct manifest_reader *r, const json_t *root, struct manifest *m)
{
    const json_t *boot = json_object_get(root, "boot");
    uint64_t start;

    if (json_is_null(boot))
        return 0;
    snprintf(r->where, sizeof(r->where), "boot.");
    if (manifest_read_number(r, boot, "start", 0, &start) ||
        manifest_read_number(r, boot, "size", BOOT_SIZE_MAX, &m->boot_size) || read_index(r, boot, &m->boot))
        return -1;
    if (!m->boot_size || m->boot_size % m->sector_size || m->boot_size > m->disk_size)
        return manifest_bad(r, "size", "is out of range");
    if (m->boot_size > boot_limit(m))
        return manifest_bad(r, "size", "reaches into the first partition");
    r->where[0] = 0;
    return 0;
}

/* Without a table, the first chunk is written last. */
static int check_boot(const struct manifest_reader *r, const struct manifest *m)
{
    if (!strcmp(m->table, "none") && m->boot_size != boot_limit(m))
        return manifest_bad(r, "boot", "has not the size of the first chunk");
    return 0;
}

static int check_layout(const struct manifest_reader *r, const struct manifest *m)
{
    char problem[LAYOUT_PROBLEM];

    if (manifest_layout_good(m, m->disk_size, problem))
        return 0;
    return fail(r->f, "bad-image", "manifest of %s: %s", r->image, problem);
}

/* The further disks' manifests, in order, under the only names that they can have. */
static int read_further(struct manifest_reader *r, const json_t *root, struct manifest *m)
{
    const json_t *list = json_object_get(root, "disks");

    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > MANIFEST_DISKS - 1)
        return manifest_bad(r, "disks", "is no array, or too long");
    m->further_count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < m->further_count; i++) {
        char expected[64];
        snprintf(r->where, sizeof(r->where), "disks[%u].", i);
        manifest_file_name(i + 1, expected);
        if (manifest_read_text(r, json_array_get(list, i), "manifest", m->further[i].file,
                               sizeof(m->further[i].file)) ||
            manifest_read_sha256(r, json_array_get(list, i), m->further[i].sha256))
            return -1;
        if (strcmp(m->further[i].file, expected))
            return manifest_bad(r, "manifest", "is not the name of that disk's manifest");
    }
    r->where[0] = 0;
    return 0;
}

static int read_root(struct manifest_reader *r, const json_t *root, struct manifest *m)
{
    const json_t *source = json_object_get(root, "source");
    uint64_t number;

    if (manifest_read_number(r, root, "format", 1, &number) ||
        manifest_read_text(r, root, "name", m->name, sizeof(m->name)))
        return -1;
    if (number != 1)
        return manifest_bad(r, "format", "is not 1");
    if (!manifest_name_valid(m->name))
        return manifest_bad(r, "name", "is no name of an image");
    if (manifest_read_text(r, root, "created", m->created, sizeof(m->created)) ||
        manifest_read_text(r, root, "agent", m->agent, sizeof(m->agent)) ||
        manifest_read_text(r, root, "firmware", m->firmware, sizeof(m->firmware)) ||
        manifest_read_text(r, source, "machine", m->machine, sizeof(m->machine)) ||
        manifest_read_text(r, source, "uuid", m->uuid, sizeof(m->uuid)) ||
        manifest_read_text(r, source, "mac", m->mac, sizeof(m->mac)) ||
        manifest_read_number(r, root, "chunk_size", CHUNK_SIZE, &number))
        return -1;
    if (number != CHUNK_SIZE)
        return manifest_bad(r, "chunk_size", "is not 1048576");
    if (read_disk(r, root, m) || read_partitions(r, root, m) || check_layout(r, m))
        return -1;
    return read_boot(r, root, m) || check_boot(r, m) || read_further(r, root, m) || system_list_read(r, root, m) ? -1
                                                                                                                 : 0;
}

int manifest_parse(const void *json, size_t size, const char *name, struct manifest *ret, struct failure *f)
{
    struct manifest_reader r = {.image = name, .f = f};
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
    bool is_gpt = strcmp(m->table, "mbr") && strcmp(m->table, "none");
    /* UEFI 2.10, 5.3.1: at least 16 KiB of entries and one sector of header, at the very end. */
    uint64_t backup = is_gpt ? manifest_head_size(m) - m->sector_size : 0;

    if (!m->count)
        return manifest_head_size(m) + backup;
    return m->partitions[m->count - 1].start + m->partitions[m->count - 1].size + backup;
}
