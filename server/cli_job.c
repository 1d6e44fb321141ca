/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli_table.h"

static void cell_progress(struct table *t, const json_t *job)
{
    json_int_t done = json_integer_value(json_object_get(job, "bytes_done"));
    json_int_t total = json_integer_value(json_object_get(job, "bytes_total"));
    json_t *left = json_object_get(job, "seconds_left");
    bool running = strcmp(member(job, "state"), "running") == 0;
    json_int_t seconds = json_integer_value(left);
    char rate[SIZE_TEXT];

    if (total > 0)
        table_cell(t, "%d%%", (int)(100.0 * (double)done / (double)total));
    else
        table_cell(t, "-");
    if (running && json_integer_value(json_object_get(job, "rate")) > 0)
        table_cell(t, "%s/s", size_text(json_integer_value(json_object_get(job, "rate")), rate));
    else
        table_cell(t, "-");
    if (running && json_is_integer(left))
        table_cell(t, "%lld:%02lld", (long long)(seconds / 60), (long long)(seconds % 60));
    else
        table_cell(t, "-");
}

static void show_list(const json_t *answer)
{
    static const char *const headings[] = {"ID",   "KIND", "IMAGE", "MACHINE", "STATE",
                                           "DONE", "RATE", "LEFT",  "REASON",  NULL};
    const json_t *job;
    struct table t;
    size_t i;

    table_begin(&t, headings);
    json_array_foreach(json_object_get(answer, "jobs"), i, job)
    {
        table_cell(&t, "%lld", (long long)json_integer_value(json_object_get(job, "id")));
        table_cell(&t, "%s", member(job, "kind"));
        table_cell(&t, "%s", cli_job_image(job));
        table_cell(&t, "%s", member(job, "machine"));
        table_cell(&t, "%s", member(job, "state"));
        cell_progress(&t, job);
        table_cell(&t, "%s", member(job, "reason"));
    }
    table_print(&t);
}

/* How the job is done, as it was ordered. */
static void show_options(struct table *t, const json_t *job)
{
    static const char *const names[] = {"level", "bad_sectors", "grow", "keep", "source"};
    char text[CELL_MAX];
    size_t used = (size_t)snprintf(text, sizeof(text), "finish: %.16s", member(job, "finish"));

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && used < sizeof(text); i++) {
        const json_t *value = json_object_get(job, names[i]);
        char *json = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

        if (json)
            used += (size_t)snprintf(text + used, sizeof(text) - used, ", %s: %s", names[i], json);
        free(json);
    }
    table_cell(t, "%s", text);
}

static void show_one(const json_t *job)
{
    static const char *const headings[] = {"TIME", "START", "EVENT", "STEP", "RESULT", "MESSAGE", NULL};
    json_t *list = json_pack("{s:[O]}", "jobs", job);
    const json_t *event;
    struct table t;
    size_t i;

    show_list(list);
    json_decref(list);
    table_begin(&t, headings);
    table_cell(&t, "%.23s", member(job, "created"));
    for (unsigned k = 1; k < 5; k++)
        table_cell(&t, "%s", k == 2 ? "created" : "");
    show_options(&t, job);
    json_array_foreach(json_object_get(job, "events"), i, event)
    {
        table_cell(&t, "%.23s", member(event, "time"));
        table_cell(&t, "%lld", (long long)json_integer_value(json_object_get(event, "start")));
        table_cell(&t, "%s", member(event, "event"));
        table_cell(&t, "%s", member(event, "step"));
        table_cell(&t, "%s%s%s", member(event, "result"), member(event, "reason")[0] ? ": " : "",
                   member(event, "reason"));
        table_cell(&t, "%s", member(event, "message"));
    }
    putchar('\n');
    table_print(&t);
    if (member(job, "message")[0])
        printf("\n%s\n", member(job, "message"));
}

static int wait_for(const struct cli *c, int count, char **ids)
{
    json_t *jobs = json_array(), *all;
    int rc;

    for (int i = 0; i < count; i++)
        json_array_append_new(jobs, json_pack("{s:I}", "id", (json_int_t)strtoll(ids[i], NULL, 10)));
    all = json_pack("{s:o}", "jobs", jobs);
    rc = cli_wait(c, all);
    json_decref(all);
    return rc;
}

int cli_job(const struct cli *c, int count, char **words)
{
    const char *verb = count > 0 ? words[0] : "";
    bool cancel = strcmp(verb, "cancel") == 0;
    json_t *answer;
    char *path;

    if (strcmp(verb, "list") == 0 && count == 1)
        return cli_finish(c, cli_request(c, "GET", "/admin/v1/jobs", NULL), show_list);
    if (strcmp(verb, "wait") == 0 && count >= 2)
        return wait_for(c, count - 1, words + 1);
    if (count != 2 || (!cancel && strcmp(verb, "show") != 0))
        return cli_fail(CLI_USAGE, "job list | show ID | cancel ID | wait ID...");
    path = cli_path("jobs", words[1], cancel ? "cancel" : NULL);
    answer = cli_request(c, cancel ? "POST" : "GET", path, NULL);
    free(path);
    return cli_finish(c, answer, show_one);
}
