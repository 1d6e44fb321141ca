/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli_table.h"

void cli_job_show_files(const json_t *answer)
{
    static const char *const headings[] = {"FILE", "SIZE", NULL};
    const json_t *file;
    struct table t;
    size_t i;

    table_begin(&t, headings);
    json_array_foreach(json_object_get(answer, "files"), i, file)
    {
        char size[SIZE_TEXT];

        table_cell(&t, "%s", member(file, "name"));
        table_cell(&t, "%s", size_text(json_integer_value(json_object_get(file, "size")), size));
    }
    table_print(&t);
}

static char *file_path(const char *id, const char *name)
{
    char *folder = cli_path("jobs", id, "files"), *last = cli_path("", name, NULL), *path = NULL;

    if (folder && last && asprintf(&path, "%s%s", folder, strrchr(last, '/')) < 0)
        path = NULL;
    free(folder);
    free(last);
    return path;
}

int cli_job_fetch(const struct cli *c, const char *id, const char *name, const char *to)
{
    bool out = strcmp(to, "-") == 0;
    char *path = file_path(id, name);
    FILE *file = out ? stdout : fopen(to, "wx");
    int rc;

    if (!file) {
        free(path);
        return cli_fail(CLI_FAILED, "cannot make %s: %s", to, strerror(errno));
    }
    rc = cli_download(c, path, file);
    if ((out ? fflush(file) : fclose(file)) != 0 && rc == 0)
        rc = cli_fail(CLI_FAILED, "cannot write %s: %s", to, strerror(errno));
    if (rc && !out)
        unlink(to);
    free(path);
    return rc;
}

/* What a command printed is for a terminal only after its control characters are gone. */
static void show_text(const struct cli *c, const char *id, const char *name)
{
    char *text = NULL, *path = file_path(id, name);
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    int rc = memory ? cli_download(c, path, memory) : CLI_FAILED;

    if (memory && fclose(memory) == 0 && rc == 0)
        cli_print("\n%s:\n%s", name, text);
    free(text);
    free(path);
}

/* Output of commands stands at the end. */
int cli_job_show_output(const struct cli *c, const char *id)
{
    char *path = cli_path("jobs", id, "files");
    json_t *answer = cli_request(c, "GET", path, NULL);
    const json_t *file;
    size_t i;

    free(path);
    json_array_foreach(json_object_get(answer, "files"), i, file)
    {
        if (strncmp(member(file, "name"), "output-", 7) == 0) {
            show_text(c, id, member(file, "name"));
        }
    }
    json_decref(answer);
    return 0;
}
