/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli_table.h"

static json_int_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void show_list(const json_t *answer)
{
    static const char *const headings[] = {"NAME", "CREATED", "FROM",       "FIRMWARE", "DISKS",
                                           "SIZE", "USED",    "PARTITIONS", NULL};
    const json_t *image;
    struct table t;
    size_t i;

    table_begin(&t, headings);
    json_array_foreach(json_object_get(answer, "images"), i, image)
    {
        char size[SIZE_TEXT], used[SIZE_TEXT];

        table_cell(&t, "%s", member(image, "name"));
        table_cell(&t, "%.19s", member(image, "created"));
        table_cell(&t, "%s", member(image, "machine"));
        table_cell(&t, "%s", member(image, "firmware"));
        table_cell(&t, "%lld", (long long)number(image, "disks"));
        table_cell(&t, "%s", size_text(number(image, "disk_size"), size));
        table_cell(&t, "%s", size_text(number(image, "used"), used));
        table_cell(&t, "%lld", (long long)number(image, "partitions"));
    }
    table_print(&t);
}

static void show_disk(const json_t *manifest)
{
    const json_t *disk = json_object_get(manifest, "disk"), *partitions = json_object_get(manifest, "partitions");
    static const char *const headings[] = {"PART", "NAME", "SIZE", "FS", "LABEL", "USED", "CAPTURED", "NOTE", NULL};
    const json_t *part;
    char total[SIZE_TEXT];
    struct table t;
    size_t i;

    printf("\ndisk of %s, table %s, sectors of %lld bytes\n", size_text(number(disk, "size"), total),
           member(disk, "table"), (long long)number(disk, "sector_size"));
    table_begin(&t, headings);
    json_array_foreach(partitions, i, part)
    {
        const json_t *fs = json_object_get(part, "fs");
        char size[SIZE_TEXT], used[SIZE_TEXT];

        table_cell(&t, "%lld", (long long)number(part, "number"));
        table_cell(&t, "%s", member(part, "name"));
        table_cell(&t, "%s", size_text(number(part, "size"), size));
        table_cell(&t, "%s", member(fs, "type")[0] ? member(fs, "type") : "-");
        table_cell(&t, "%s", member(fs, "label"));
        table_cell(&t, "%s", json_is_object(fs) ? size_text(number(fs, "used"), used) : "-");
        table_cell(&t, "%s", member(part, "captured"));
        table_cell(&t, "%s", member(part, "note"));
    }
    table_print(&t);
}

static void show_one(const json_t *image)
{
    json_t *list = json_pack("{s:[O]}", "images", image);
    const json_t *manifest;
    size_t i;

    show_list(list);
    json_decref(list);
    show_disk(json_object_get(image, "manifest"));
    json_array_foreach(json_object_get(image, "further"), i, manifest) show_disk(manifest);
}

static void show_deleted(const json_t *answer)
{
    char bytes[SIZE_TEXT];

    if (json_is_true(json_object_get(answer, "swept")))
        printf("deleted; %lld chunks removed, %s freed\n", (long long)number(answer, "chunks"),
               size_text(number(answer, "bytes"), bytes));
    else
        puts("deleted; its chunks are freed when the captures that run now have ended");
}

int cli_image(const struct cli *c, int count, char **words)
{
    const char *verb = count > 0 ? words[0] : "";
    bool show = strcmp(verb, "show") == 0;
    json_t *answer;
    char *path;

    if (strcmp(verb, "list") == 0 && count == 1)
        return cli_finish(c, cli_request(c, "GET", "/admin/v1/images", NULL), show_list);
    if (strcmp(verb, "import") == 0 && count == 2)
        return cli_image_import(c, words[1]);
    if (strcmp(verb, "export") == 0 && count == 3)
        return cli_image_export(c, words[1], words[2]);
    if (count != 2 || (!show && strcmp(verb, "delete") != 0))
        return cli_fail(CLI_USAGE, "image list | show NAME | delete NAME | import FILE --name NAME | export NAME FILE");
    path = cli_path("images", words[1], NULL);
    answer = cli_request(c, show ? "GET" : "DELETE", path, NULL);
    free(path);
    return cli_finish(c, answer, show ? show_one : show_deleted);
}
