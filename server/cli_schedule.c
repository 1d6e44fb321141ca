/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli_table.h"

/* A number, or the word that it is instead: the server knows which are good. */
static json_t *number_or_word(const char *text)
{
    char *end;
    long long number = strtoll(text, &end, 10);

    return *text && !*end ? json_integer(number) : json_string(text);
}

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
                            strcmp(pair, "size") == 0 ? number_or_word(equals + 1) : json_string(equals + 1));
    }
    free(copy);
    return disk;
}

/* Adds "disk" for one rule, "disks" for several, to `step`. Returns 0, or -1 after telling why. */
static int add_disks(const struct cli *c, json_t *step)
{
    json_t *rules = json_array();

    for (unsigned i = 0; i < c->disk_count; i++)
        if (json_array_append_new(rules, read_disk(c->disks[i]))) {
            json_decref(rules);
            return -1;
        }
    if (c->disk_count > 1)
        return json_object_set_new(step, "disks", rules);
    if (c->disk_count)
        json_object_set(step, "disk", json_array_get(rules, 0));
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

/* Numbers and words with commas between them. */
static json_t *read_list(const char *text)
{
    json_t *list = json_array();
    char *copy = strdup(text), *rest = copy, *word;

    while (copy && (word = strsep(&rest, ",")))
        json_array_append_new(list, number_or_word(word));
    free(copy);
    return list;
}

static void add_options(const struct cli *c, json_t *step)
{
    if (c->level)
        json_object_set_new(step, "level", number_or_word(c->level));
    if (c->bad_sectors)
        json_object_set_new(step, "bad_sectors", json_string(c->bad_sectors));
    if (c->grow)
        json_object_set_new(step, "grow", number_or_word(c->grow));
    if (c->keep)
        json_object_set_new(step, "keep", read_list(c->keep));
    if (c->leave)
        json_object_set_new(step, "leave", read_list(c->leave));
    if (c->as_is)
        json_object_set_new(step, "as_is", json_true());
    if (c->logs)
        json_object_set_new(step, "logs", json_true());
    if (c->no_identity)
        json_object_set_new(step, "identity", json_false());
}

/* The URL of an image is no image's name: that of a store has no colon. */
static int add_image(const struct cli *c, json_t *step, const char *image)
{
    json_t *source;

    if (!strstr(image, "://")) {
        if (c->sha256 || c->no_checksum)
            return cli_fail(CLI_USAGE, "--sha256 and --no-checksum belong to a URL: stored images are always verified");
        return json_object_set_new(step, "image", json_string(image));
    }
    source = json_pack("{s:s}", "url", image);
    if (c->sha256)
        json_object_set_new(source, "sha256", json_string(c->sha256));
    if (c->no_checksum)
        json_object_set_new(source, "unchecked", json_true());
    return json_object_set_new(step, "source", source);
}

void cli_add_ending(const struct cli *c, json_t *order)
{
    if (c->finish)
        json_object_set_new(order, "finish", json_string(c->finish));
    if (c->boot_order)
        json_object_set_new(order, "boot_order", json_string(c->boot_order));
    if (c->confirm)
        json_object_set_new(order, "confirm", json_true());
}

int cli_order(const struct cli *c, json_t *order)
{
    json_t *answer = cli_request(c, "POST", "/admin/v1/jobs", order);
    int rc;

    if (!answer || !c->wait)
        return cli_finish(c, answer, say_all);
    rc = cli_wait(c, answer);
    json_decref(answer);
    return rc;
}

static int schedule(const struct cli *c, const char *kind, const char *image, int count, char **machines)
{
    json_t *names = json_array(), *step = json_pack("{s:s}", "step", kind), *order;

    for (int i = 0; i < count; i++)
        json_array_append_new(names, json_string(machines[i]));
    order = json_pack("{s:[o], s:o}", "steps", step, "machines", names);
    cli_add_ending(c, order);
    if (add_image(c, step, image) || add_disks(c, step)) {
        json_decref(order);
        return CLI_USAGE;
    }
    add_options(c, step);
    return cli_order(c, order);
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
        return cli_fail(CLI_USAGE, "deploy IMAGE|URL MACHINE... [--disk KEY=VALUE,...]... [--finish HOW] [--wait]");
    return schedule(c, "deploy", words[0], count - 1, words + 1);
}
