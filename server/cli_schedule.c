/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli_table.h"

/* serial=X,size=N: the value of `size` is bytes. Returns JSON, or NULL after telling why. */
static json_t *read_disk(const char *text)
{
    json_t *disk = json_object();
    char *copy = strdup(text), *rest = copy, *pair;

    while (copy && (pair = strsep(&rest, ","))) {
        char *equals = strchr(pair, '=');

        if (!equals || !equals[1]) {
            cli_fail(CLI_USAGE, "--disk: '%s' is not KEY=VALUE with serial, wwn, model, path or size", pair);
            json_decref(disk);
            disk = NULL;
            break;
        }
        *equals = 0;
        json_object_set_new(disk, pair,
                            strcmp(pair, "size") == 0 ? json_integer(strtoll(equals + 1, NULL, 10))
                                                      : json_string(equals + 1));
    }
    free(copy);
    return disk;
}

/* Adds "disk" for one rule, "disks" for several, to `body`. Returns 0, or -1 after telling why. */
static int add_disks(const struct cli *c, json_t *body)
{
    json_t *rules = json_array();

    for (unsigned i = 0; i < c->disk_count; i++)
        if (json_array_append_new(rules, read_disk(c->disks[i]))) {
            json_decref(rules);
            return -1;
        }
    if (c->disk_count > 1)
        return json_object_set_new(body, "disks", rules);
    if (c->disk_count)
        json_object_set(body, "disk", json_array_get(rules, 0));
    json_decref(rules);
    return 0;
}

static bool has_ended(const json_t *job)
{
    const char *state = member(job, "state");

    return strcmp(state, "succeeded") == 0 || strcmp(state, "failed") == 0 || strcmp(state, "cancelled") == 0;
}

static void say(const json_t *job)
{
    printf("job %lld: %s %s on %s: %s%s%s%s%s\n", (long long)json_integer_value(json_object_get(job, "id")),
           member(job, "kind"), member(job, "image"), member(job, "machine"), member(job, "state"),
           member(job, "reason")[0] ? ": " : "", member(job, "reason"),
           has_ended(job) && member(job, "message")[0] ? ": " : "", has_ended(job) ? member(job, "message") : "");
    fflush(stdout);
}

/* Asks once a second. Returns 0 when the job succeeded, else 1. */
static int wait_one(const struct cli *c, json_int_t id)
{
    char path[64], before[32] = "";

    snprintf(path, sizeof(path), "/admin/v1/jobs/%lld", (long long)id);
    for (;;) {
        json_t *job = cli_request(c, "GET", path, NULL);
        bool ended = has_ended(job), good = strcmp(member(job, "state"), "succeeded") == 0;

        if (!job)
            return CLI_FAILED;
        if (c->json && ended)
            json_dumpf(job, stdout, JSON_COMPACT), putchar('\n');
        else if (!c->json && strcmp(before, member(job, "state")) != 0)
            say(job);
        snprintf(before, sizeof(before), "%s", member(job, "state"));
        json_decref(job);
        if (ended)
            return good ? 0 : CLI_FAILED;
        sleep(1);
    }
}

int cli_wait(const struct cli *c, const json_t *jobs)
{
    const json_t *job;
    int rc = 0;
    size_t i;

    json_array_foreach(json_object_get(jobs, "jobs"), i, job)
    {
        if (wait_one(c, json_integer_value(json_object_get(job, "id"))))
            rc = CLI_FAILED;
    }
    return rc;
}

static void say_all(const json_t *answer)
{
    const json_t *job;
    size_t i;

    json_array_foreach(json_object_get(answer, "jobs"), i, job) say(job);
}

static int schedule(const struct cli *c, const char *kind, const char *image, int count, char **machines)
{
    json_t *names = json_array(), *body, *answer;
    int rc;

    for (int i = 0; i < count; i++)
        json_array_append_new(names, json_string(machines[i]));
    body = json_pack("{s:s, s:s, s:o, s:s}", "kind", kind, "image", image, "machines", names, "finish",
                     c->finish ? c->finish : "reboot");
    if (add_disks(c, body)) {
        json_decref(body);
        return CLI_USAGE;
    }
    answer = cli_request(c, "POST", "/admin/v1/jobs", body);
    if (!answer || !c->wait)
        return cli_finish(c, answer, say_all);
    rc = cli_wait(c, answer);
    json_decref(answer);
    return rc;
}

int cli_capture(const struct cli *c, int count, char **words)
{
    if (count != 2)
        return cli_fail(CLI_USAGE, "capture MACHINE IMAGE [--disk KEY=VALUE,...]... [--finish HOW] [--wait]");
    return schedule(c, "capture", words[1], 1, words);
}

int cli_deploy(const struct cli *c, int count, char **words)
{
    if (count < 2)
        return cli_fail(CLI_USAGE, "deploy IMAGE MACHINE... [--disk KEY=VALUE,...]... [--finish HOW] [--wait]");
    return schedule(c, "deploy", words[0], count - 1, words + 1);
}
