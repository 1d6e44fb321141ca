/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images from files and into files: the agent does the work, with the server's permission. */
#include "server/cli.h"

#include <stdio.h>
#include <string.h>

#include "server/cli_agent.h"
#include "server/cli_table.h"

#define WORDS 24

struct words {
    const char *list[WORDS];
    unsigned count;
};

/* An option whose value is NULL is left out. */
static void add(struct words *w, const char *option, const char *value)
{
    if (!value)
        return;
    if (option)
        w->list[w->count++] = option;
    w->list[w->count++] = value;
}

struct import {
    const struct cli *cli;
    const json_t *begun; /* the server's answer */
};

/* The new view of the import's job, a new reference, or NULL: the reason has been told on stderr. */
static json_t *tell(const struct import *i, const char *result, const char *message)
{
    char path[64];

    snprintf(path, sizeof(path), "/admin/v1/imports/%lld",
             (long long)json_integer_value(json_object_get(i->begun, "id")));
    return cli_request(i->cli, "POST", path, json_pack("{s:s, s:s}", "result", result, "message", message));
}

/* The agent unpacks the whole file before it sends the server anything. */
static void tell_running(void *arg)
{
    json_decref(tell(arg, "running", ""));
}

static int run_import(struct import *i, const char *file)
{
    const struct cli *c = i->cli;
    struct words w = {.list = {"import"}, .count = 1};

    add(&w, "--store", member(i->begun, "url"));
    add(&w, "--image", c->name);
    add(&w, "--sha256", c->sha256);
    add(&w, "--level", c->level);
    add(&w, "--scratch", c->scratch);
    add(&w, NULL, c->json ? "--json" : NULL);
    add(&w, "--", file);
    return cli_agent_run(w.list, member(i->begun, "token"), tell_running, i);
}

/* The server must hear of the end, good or bad: nothing else may make an image of this name meanwhile. */
static int end_import(const struct import *i, int status)
{
    json_t *answer = tell(i, status ? "failed" : "succeeded", status ? "slipway-agent import failed" : "");

    json_decref(answer);
    return answer ? status : CLI_FAILED;
}

int cli_image_import(const struct cli *c, const char *file)
{
    struct import import = {.cli = c};
    json_t *begun;
    int status;

    if (!c->name)
        return cli_fail(CLI_USAGE, "image import FILE --name NAME: which name shall the image have?");
    begun = cli_request(c, "POST", "/admin/v1/imports", json_pack("{s:s}", "image", c->name));
    if (!begun)
        return CLI_FAILED;
    import.begun = begun;
    status = end_import(&import, run_import(&import, file));
    json_decref(begun);
    return status;
}

int cli_image_export(const struct cli *c, const char *image, const char *file)
{
    json_t *server = cli_request(c, "GET", "/admin/v1/server", NULL);
    struct words w = {.list = {"export"}, .count = 1};
    int status;

    if (!server)
        return CLI_FAILED;
    add(&w, "--store", member(server, "url"));
    add(&w, "--image", image);
    add(&w, "--split", c->split);
    add(&w, NULL, c->json ? "--json" : NULL);
    add(&w, "--", file);
    status = cli_agent_run(w.list, NULL, NULL, NULL);
    json_decref(server);
    return status;
}
