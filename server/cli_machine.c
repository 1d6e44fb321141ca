/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli_table.h"

static void join(const json_t *list, const char *key, char *ret, size_t size)
{
    const json_t *item;
    size_t i;

    ret[0] = 0;
    json_array_foreach(list, i, item)
    {
        size_t used = strlen(ret);

        snprintf(ret + used, size - used, "%s%s", i ? " " : "", key ? member(item, key) : json_string_value(item));
    }
}

static void show_list(const json_t *answer)
{
    static const char *const headings[] = {"NAME", "STATE", "JOB", "ADDRESS", "LAST SEEN", "MAC", "DISKS", NULL};
    const json_t *machine;
    struct table t;
    size_t i;

    table_begin(&t, headings);
    json_array_foreach(json_object_get(answer, "machines"), i, machine)
    {
        char macs[CELL_MAX], disks[CELL_MAX];
        json_t *job = json_object_get(machine, "job");

        join(json_object_get(machine, "macs"), NULL, macs, sizeof(macs));
        join(json_object_get(machine, "disks"), "path", disks, sizeof(disks));
        table_cell(&t, "%s", member(machine, "name"));
        table_cell(&t, "%s", member(machine, "state"));
        if (json_is_integer(job))
            table_cell(&t, "%lld", (long long)json_integer_value(job));
        else
            table_cell(&t, "-");
        table_cell(&t, "%s", member(machine, "address"));
        table_cell(&t, "%.19s",
                   json_is_string(json_object_get(machine, "last_seen")) ? member(machine, "last_seen") : "never");
        table_cell(&t, "%s", macs);
        table_cell(&t, "%s", disks);
    }
    table_print(&t);
}

static void show_disks(const json_t *disks)
{
    static const char *const headings[] = {"DISK", "SIZE", "SERIAL", "WWN", "MODEL", NULL};
    const json_t *disk;
    struct table t;
    size_t i;

    if (json_array_size(disks) == 0)
        return;
    table_begin(&t, headings);
    json_array_foreach(disks, i, disk)
    {
        char size[SIZE_TEXT];

        table_cell(&t, "%s", member(disk, "path"));
        table_cell(&t, "%s", size_text(json_integer_value(json_object_get(disk, "size")), size));
        table_cell(&t, "%s", member(disk, "serial"));
        table_cell(&t, "%s", member(disk, "wwn"));
        table_cell(&t, "%s", member(disk, "model"));
    }
    putchar('\n');
    table_print(&t);
}

static void show_systems(struct table *t, const json_t *systems)
{
    const json_t *system;
    size_t i;

    json_array_foreach(systems, i, system)
    {
        table_cell(t, "system");
        table_cell(t, "%s%s%s on partition %lld of disk %lld", member(system, "name"), member(system, "arch")[0] ? ", " : "",
                   member(system, "arch"), (long long)json_integer_value(json_object_get(system, "partition")),
                   (long long)json_integer_value(json_object_get(system, "disk")) + 1);
    }
}

static void show_one(const json_t *m)
{
    static const char *const headings[] = {"MACHINE", "", NULL};
    const json_t *inventory = json_object_get(m, "inventory"), *boot = json_object_get(m, "boot"), *value;
    const char *key;
    char macs[CELL_MAX];
    struct table t;

    join(json_object_get(m, "macs"), NULL, macs, sizeof(macs));
    table_begin(&t, headings);
    table_cell(&t, "name"), table_cell(&t, "%s", member(m, "name"));
    table_cell(&t, "state"), table_cell(&t, "%s", member(m, "state"));
    table_cell(&t, "macs"), table_cell(&t, "%s", macs);
    table_cell(&t, "uuid"), table_cell(&t, "%s", member(m, "uuid"));
    table_cell(&t, "address"), table_cell(&t, "%s", member(m, "address"));
    table_cell(&t, "last seen"), table_cell(&t, "%s", member(m, "last_seen"));
    if (member(boot, "file")[0])
        table_cell(&t, "boot file"),
            table_cell(&t, "%s, fetched by %s at %s", member(boot, "file"), member(boot, "from"), member(boot, "time"));
    table_cell(&t, "product"), table_cell(&t, "%s %s", member(inventory, "vendor"), member(inventory, "product"));
    show_systems(&t, json_object_get(m, "systems"));
    json_object_foreach(json_object_get(m, "identity"), key, value)
    {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT);

        table_cell(&t, "%s", key);
        table_cell(&t, "%s", text ? text : json_string_value(value));
        free(text);
    }
    json_object_foreach(json_object_get(m, "fields"), key, value)
    {
        table_cell(&t, "field %s", key);
        table_cell(&t, "%s", json_string_value(value));
    }
    table_print(&t);
    show_disks(json_object_get(m, "disks"));
}

static void say_name(const json_t *m)
{
    printf("machine %s\n", member(m, "name"));
}

static int call(const struct cli *c, const char *method, const char *name, json_t *body, void (*show)(const json_t *))
{
    char *path = cli_path("machines", name, NULL);
    json_t *answer = cli_request(c, method, path, body);

    free(path);
    return cli_finish(c, answer, show);
}

static int set_keys(const struct cli *c, const char *name, int count, char **pairs)
{
    json_t *set = json_object();

    for (int i = 0; i < count; i++) {
        char *equals = strchr(pairs[i], '=');

        if (!equals || equals == pairs[i]) {
            json_decref(set);
            return cli_fail(CLI_USAGE, "'%s' is not KEY=VALUE", pairs[i]);
        }
        *equals = 0;
        if (json_object_set_new(set, pairs[i], json_string(equals + 1))) {
            json_decref(set);
            return cli_fail(CLI_USAGE, "the value of %s is not UTF-8", pairs[i]);
        }
    }
    return call(c, "PATCH", name, json_pack("{s:o}", "set", set), show_one);
}

int cli_machine(const struct cli *c, int count, char **words)
{
    const char *verb = count > 0 ? words[0] : "";

    if (strcmp(verb, "list") == 0 && count == 1)
        return cli_finish(c, cli_request(c, "GET", "/admin/v1/machines", NULL), show_list);
    if (strcmp(verb, "show") == 0 && count == 2)
        return call(c, "GET", words[1], NULL, show_one);
    if (strcmp(verb, "add") == 0 && count == 3)
        return cli_finish(
            c, cli_request(c, "POST", "/admin/v1/machines", json_pack("{s:s, s:s}", "mac", words[1], "name", words[2])),
            say_name);
    if (strcmp(verb, "rename") == 0 && count == 3)
        return call(c, "PATCH", words[1], json_pack("{s:s}", "name", words[2]), say_name);
    if (strcmp(verb, "set") == 0 && count >= 3)
        return set_keys(c, words[1], count - 2, words + 2);
    if (strcmp(verb, "import") == 0 && count == 2)
        return cli_room(c, words[1]);
    if (strcmp(verb, "pattern") == 0 && count <= 2)
        return cli_pattern(c, count == 2 ? words[1] : NULL);
    if (strcmp(verb, "delete") == 0 && count == 2)
        return call(c, "DELETE", words[1], NULL, NULL);
    return cli_fail(CLI_USAGE, "machine list | show NAME | add MAC NAME | rename NAME NEW | set NAME KEY=VALUE... | "
                               "import FILE.csv | pattern [PATTERN] | delete NAME");
}
