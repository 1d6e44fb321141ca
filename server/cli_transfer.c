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

static int import_with(const struct cli *c, const json_t *import, const char *file)
{
    struct words w = {.list = {"import"}, .count = 1};

    add(&w, "--store", member(import, "url"));
    add(&w, "--image", c->name);
    add(&w, "--sha256", c->sha256);
    add(&w, "--level", c->level);
    add(&w, "--scratch", c->scratch);
    add(&w, NULL, c->json ? "--json" : NULL);
    add(&w, "--", file);
    return cli_agent_run(w.list, member(import, "token"));
}

/* The server must hear of the end, good or bad: nothing else may make an image of this name meanwhile. */
static int end_import(const struct cli *c, const json_t *import, int status)
{
    char path[64];
    json_t *answer;

    snprintf(path, sizeof(path), "/admin/v1/imports/%lld",
             (long long)json_integer_value(json_object_get(import, "id")));
    answer = cli_request(c, "POST", path,
                         json_pack("{s:s, s:s}", "result", status ? "failed" : "succeeded", "message",
                                   status ? "slipway-agent import failed" : ""));
    json_decref(answer);
    return answer ? status : CLI_FAILED;
}

int cli_image_import(const struct cli *c, const char *file)
{
    json_t *import;
    int status;

    if (!c->name)
        return cli_fail(CLI_USAGE, "image import FILE --name NAME: which name shall the image have?");
    import = cli_request(c, "POST", "/admin/v1/imports", json_pack("{s:s}", "image", c->name));
    if (!import)
        return CLI_FAILED;
    status = end_import(c, import, import_with(c, import, file));
    json_decref(import);
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
    status = cli_agent_run(w.list, NULL);
    json_decref(server);
    return status;
}
