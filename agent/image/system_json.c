/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/system_json.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/json_text.h"

static const char *const kinds[] = {[SYSTEM_LINUX] = "linux", [SYSTEM_WINDOWS] = "windows"};

static json_t *format(const struct system *s, bool disks)
{
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:i, s:i, s:b}", "kind", kinds[s->kind],
                          "name", json_text(s->name), "id", json_text(s->id), "version", json_text(s->version),
                          "edition", json_text(s->edition), "arch", json_text(s->arch), "partition", (int)s->partition,
                          "subvolume", json_text(s->subvolume), "volume", json_text(s->volume), "boot_partition",
                          (int)s->boot_partition, "esp_partition", (int)s->esp_partition, "sysprepped", s->sysprepped);

    if (o && disks)
        json_object_set_new(o, "disk", json_integer(s->disk));
    return o;
}

json_t *system_list_format(const struct system *list, unsigned count, bool disks)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < count; i++)
        if (json_array_append_new(array, format(&list[i], disks))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static int read_kind(const struct manifest_reader *r, const json_t *o, struct system *s)
{
    char kind[16];

    if (manifest_read_text(r, o, "kind", kind, sizeof(kind)))
        return -1;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strcmp(kind, kinds[i])) {
            s->kind = (enum system_kind)i;
            return 0;
        }
    return manifest_bad(r, "kind", "is neither linux nor windows");
}

/* A number of a partition that is there, or 0 where there may be none. */
static int read_partition(const struct manifest_reader *r, const json_t *o, const char *key, const struct manifest *m,
                          bool needed, unsigned *ret)
{
    uint64_t number;

    if (manifest_read_number(r, o, key, MANIFEST_PARTITIONS, &number))
        return -1;
    *ret = (unsigned)number;
    if (!number && !needed)
        return 0;
    for (unsigned i = 0; i < m->count; i++)
        if (m->partitions[i].number == number)
            return 0;
    return manifest_bad(r, key, "is no partition of the image");
}

static int read_system(const struct manifest_reader *r, const json_t *o, const struct manifest *m, struct system *s)
{
    const json_t *sysprepped = json_object_get(o, "sysprepped");

    if (read_kind(r, o, s) || manifest_read_text(r, o, "name", s->name, sizeof(s->name)) ||
        manifest_read_text(r, o, "id", s->id, sizeof(s->id)) ||
        manifest_read_text(r, o, "version", s->version, sizeof(s->version)) ||
        manifest_read_text(r, o, "edition", s->edition, sizeof(s->edition)) ||
        manifest_read_text(r, o, "arch", s->arch, sizeof(s->arch)) ||
        manifest_read_text(r, o, "subvolume", s->subvolume, sizeof(s->subvolume)) ||
        manifest_read_text(r, o, "volume", s->volume, sizeof(s->volume)))
        return -1;
    s->sysprepped = json_is_true(sysprepped);
    if (!json_is_boolean(sysprepped))
        return manifest_bad(r, "sysprepped", "is missing or no boolean");
    return read_partition(r, o, "partition", m, true, &s->partition) ||
                   read_partition(r, o, "boot_partition", m, false, &s->boot_partition) ||
                   read_partition(r, o, "esp_partition", m, false, &s->esp_partition)
               ? -1
               : 0;
}

int system_list_read(struct manifest_reader *r, const json_t *root, struct manifest *m)
{
    const json_t *list = json_object_get(root, "systems");

    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > SYSTEMS)
        return manifest_bad(r, "systems", "is no array, or too long");
    m->system_count = (unsigned)json_array_size(list);
    for (unsigned i = 0; i < m->system_count; i++) {
        snprintf(r->where, sizeof(r->where), "systems[%u].", i);
        if (read_system(r, json_array_get(list, i), m, &m->systems[i]))
            return -1;
    }
    r->where[0] = 0;
    return 0;
}
