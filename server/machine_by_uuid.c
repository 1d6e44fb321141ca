/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machine_by_uuid.h"

#include <stdbool.h>
#include <string.h>

#include "server/machines.h"

static bool same_text(const json_t *one, const json_t *other, const char *name)
{
    return row_text(one, name)[0] && strcmp(row_text(one, name), row_text(other, name)) == 0;
}

static bool share_a_disk(const json_t *disks, const json_t *others)
{
    const json_t *one, *other;
    size_t i, k;

    json_array_foreach(disks, i, one)
    {
        json_array_foreach(others, k, other)
        {
            if (same_text(one, other, "serial") || same_text(one, other, "wwn"))
                return true;
        }
    }
    return false;
}

static bool may_be(const json_t *machine, const json_t *disks)
{
    json_t *inventory = json_loads(row_text(machine, "inventory"), 0, NULL);
    const json_t *before = json_object_get(inventory, "disks");
    bool same = json_array_size(before) == 0 || json_array_size(disks) == 0 || share_a_disk(before, disks);

    json_decref(inventory);
    return same;
}

int machine_by_uuid(struct server *s, const char *uuid, const json_t *disks, int64_t *ret, struct refusal *r)
{
    json_t *rows =
        database_rows(s->database, r, "SELECT id, inventory FROM machines WHERE uuid = ? LIMIT 2", "s", uuid);
    const json_t *row = json_array_get(rows, 0);

    if (!rows)
        return -1;
    *ret = json_array_size(rows) == 1 && may_be(row, disks) ? row_integer(row, "id") : 0;
    json_decref(rows);
    return 0;
}
