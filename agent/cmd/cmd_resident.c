/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buffer.h"
#include "agent/base/console.h"
#include "agent/cmd/cmd.h"
#include "agent/net/server_url.h"
#include "agent/production/efi_vars.h"
#include "agent/production/resident.h"

#define CONFIG_LIMIT 65536

static const char usage[] = "Usage: slipway-agent resident [OPTION]...\n"
                            "\n"
                            "Runs beside a production system. When a job waits for this machine, tells those\n"
                            "who are logged in, and restarts it into network boot.\n"
                            "\n"
                            "  --config FILE     default: /etc/slipway/resident.conf; lines key=value:\n"
                            "                    server, interval (60 s), warning (300 s), message,\n"
                            "                    terminals, state, firmware\n"
                            "  --server ADDRESS  wins over the file's\n"
                            "  --once            ask once and end: status 0 a job waits, 3 none does\n"
                            "  --help\n";

#define STATUS_NONE 3

struct options {
    const char *config, *server;
    bool once, help;
};

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                          {"server", required_argument, NULL, 's'},
                                          {"once", no_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int c;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c == 'c')
            o->config = optarg;
        else if (c == 's')
            o->server = optarg;
        else if (c == 'o')
            o->once = true;
        else if (c == 'h')
            o->help = true;
        else
            return false;
    }
    return o->help || optind == argc;
}

/* A missing file is none only where nobody named it. */
static int configure(const struct options *o, struct resident_config *c, struct failure *f)
{
    const char *path = o->config ? o->config : RESIDENT_CONFIG;
    struct buffer text = {0};
    int result = 0;

    *c = (struct resident_config){.interval = 60, .warning = 300, .terminals = "/dev", .state = RESIDENT_STATE};
    strcpy(c->firmware, efi_vars_exist() ? EFI_VARS_FOLDER : "");
    if (buffer_read_file(&text, path, CONFIG_LIMIT))
        result = resident_config_read(c, (const char *)text.data, f);
    else if (o->config || errno != ENOENT)
        result = fail(f, "internal", "%s: %s", path, strerror(errno));
    free(text.data);
    if (!result && o->server && !server_url_format(c->server, sizeof(c->server), o->server))
        result = fail(f, "internal", "\"%s\" is no server", o->server);
    if (!result && !c->server[0])
        result = fail(f, "internal", "no server is named: neither --server nor server= in %s", path);
    return result;
}

int cmd_resident(int argc, char **argv)
{
    static struct inventory inventory;
    struct resident_config config;
    struct options o = {0};
    struct failure f;
    struct resident_job job;
    int result;

    if (!parse(argc, argv, &o) || o.help) {
        fputs(usage, o.help ? stdout : stderr);
        return o.help ? 0 : 2;
    }
    if (configure(&o, &config, &f)) {
        fprintf(stderr, "slipway-agent: %s\n", f.message);
        return 2;
    }
    console_add(STDOUT_FILENO);
    inventory_read(&inventory);
    memcpy(inventory.boot_mac, inventory.macs[0], sizeof(inventory.boot_mac));
    result = o.once ? resident_ask(&config, &inventory, &job, &f) : resident_run(&config, &inventory, &f);
    if (result < 0)
        fprintf(stderr, "slipway-agent: %s\n", f.message);
    return result < 0 ? 1 : o.once && !result ? STATUS_NONE : 0;
}
