/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machine_systems.h"

#include <stdlib.h>

#include "server/log.h"

#define SYSTEMS_MAX 16
#define MEMBERS_MAX 32
#define TEXT_MAX 256

static bool is_system(json_t *o)
{
    const char *key;
    json_t *value;

    if (!json_is_string(json_object_get(o, "kind")) || !json_is_string(json_object_get(o, "name")) ||
        json_object_size(o) > MEMBERS_MAX)
        return false;
    json_object_foreach(o, key, value)
    {
        if (!json_is_integer(value) && !json_is_boolean(value) && !json_is_string(value))
            return false;
        if (json_is_string(value) && json_string_length(value) > TEXT_MAX)
            return false;
    }
    return true;
}

bool machine_systems_valid(const json_t *systems)
{
    json_t *system;
    size_t i;

    if (!json_is_array(systems) || json_array_size(systems) > SYSTEMS_MAX)
        return false;
    json_array_foreach(systems, i, system)
    {
        if (!is_system(system))
            return false;
    }
    return true;
}

int machine_systems_keep(struct server *s, int64_t machine, const json_t *systems, struct refusal *r)
{
    char *text = json_dumps(systems, JSON_COMPACT);
    int result;

    if (!text)
        return refuse(r, 500, "internal", "out of memory");
    result = database_run(s->database, r, "UPDATE machines SET systems = ? WHERE id = ?", "si", text, machine);
    free(text);
    return result < 0 ? -1 : 0;
}

static json_t *collect(const json_t *manifests)
{
    json_t *all = json_array(), *manifest, *system, *copy;
    size_t disk, i;

    json_array_foreach(manifests, disk, manifest)
    {
        json_array_foreach(json_object_get(manifest, "systems"), i, system)
        {
            copy = json_copy(system);
            json_object_set_new(copy, "disk", json_integer((json_int_t)disk));
            json_array_append_new(all, copy);
        }
    }
    return all;
}

void machine_systems_of_disks(struct server *s, int64_t machine, const json_t *manifests)
{
    json_t *all = collect(manifests);
    struct refusal r;

    if (machine_systems_valid(all))
        machine_systems_keep(s, machine, all, &r);
    else
        log_line("the systems in a manifest of machine %lld are not understood", (long long)machine);
    json_decref(all);
}
