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
        table_cell(&t, "%s", member(job, "image"));
        table_cell(&t, "%s", member(job, "machine"));
        table_cell(&t, "%s", member(job, "state"));
        cell_progress(&t, job);
        table_cell(&t, "%s", member(job, "reason"));
    }
    table_print(&t);
}

/* The members of a step; what a person would not want to read is cut with the cell. */
static void show_step(const json_t *step)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)step, key, value)
    {
        char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

        if (json && strcmp(key, "step") != 0)
            cli_print(", %s: %.*s", key, CELL_MAX, json);
        free(json);
    }
    putchar('\n');
}

/* What is done, as it was ordered, and how far it is. */
static void show_steps(const json_t *job)
{
    size_t done = (size_t)json_integer_value(json_object_get(job, "done")), i;
    const json_t *step;

    putchar('\n');
    json_array_foreach(json_object_get(job, "steps"), i, step)
    {
        cli_print("step %zu%s: %s", i + 1, i < done ? " (done)" : "", member(step, "step"));
        show_step(step);
    }
    cli_print("finish: %s%s%s%s\n", member(job, "finish"),
              json_is_true(json_object_get(job, "confirm")) ? ", confirmed" : "",
              member(job, "boot_order")[0] ? ", boot order " : "", member(job, "boot_order"));
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
    show_steps(job);
    table_begin(&t, headings);
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

    for (int i = 0; i < count; i++) {
        if (strspn(ids[i], "0123456789") != strlen(ids[i]) || !ids[i][0]) {
            json_decref(jobs);
            return cli_fail(CLI_USAGE, "'%s' is no job's number", ids[i]);
        }
        json_array_append_new(jobs, json_pack("{s:I}", "id", (json_int_t)strtoll(ids[i], NULL, 10)));
    }
    all = json_pack("{s:o}", "jobs", jobs);
    rc = cli_wait(c, all);
    json_decref(all);
    return rc;
}

int cli_job(const struct cli *c, int count, char **words)
{
    static const char usage[] =
        "job list | show ID | cancel ID | continue ID | wait ID... | submit FILE [MACHINE...] | "
        "files ID | fetch ID NAME [FILE]";
    const char *verb = count > 0 ? words[0] : "";
    bool changes = strcmp(verb, "cancel") == 0 || strcmp(verb, "continue") == 0, shows = strcmp(verb, "show") == 0;
    json_t *answer;
    char *path;
    int rc;

    if (strcmp(verb, "list") == 0 && count == 1)
        return cli_finish(c, cli_request(c, "GET", "/admin/v1/jobs", NULL), show_list);
    if (strcmp(verb, "wait") == 0 && count >= 2)
        return wait_for(c, count - 1, words + 1);
    if (strcmp(verb, "submit") == 0 && count >= 2)
        return cli_submit(c, words[1], count - 2, words + 2);
    if (strcmp(verb, "fetch") == 0 && (count == 3 || count == 4))
        return cli_job_fetch(c, words[1], words[2], words[count - 1]);
    if (count != 2 || (!changes && !shows && strcmp(verb, "files") != 0))
        return cli_fail(CLI_USAGE, usage);
    path = cli_path("jobs", words[1], shows ? NULL : verb);
    answer = cli_request(c, changes ? "POST" : "GET", path, NULL);
    free(path);
    rc = cli_finish(c, answer, changes || shows ? show_one : cli_job_show_files);
    return rc || !shows || c->json ? rc : cli_job_show_output(c, words[1]);
}
