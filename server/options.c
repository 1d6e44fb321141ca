/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api.h"

static const char usage[] = "usage: slipwayd [OPTION...]\n"
                            "The server of Slipway: machines, jobs, images and chunks for agents on the\n"
                            "network. Stays in the foreground and logs to standard error; SIGTERM stops it.\n"
                            "\n"
                            "  --listen ADDRESS:PORT   where agents connect (0.0.0.0:8077); confirmations of\n"
                            "                          boots come by UDP to the same port\n"
                            "  --socket PATH           Unix socket of the slipway command\n"
                            "                          (/run/slipway/slipwayd.sock, mode 0660)\n"
                            "  --state DIR             database (/var/lib/slipway)\n"
                            "  --store DIR             images and chunks (DIR of --state)\n"
                            "  --dnsmasq-hostsdir DIR  dnsmasq's --dhcp-hostsdir, to force the PXE menu of\n"
                            "                          machines with a job\n"
                            "  --dnsmasq-pid FILE      dnsmasq's --pid-file, to have it reload\n"
                            "  --silence SECONDS       a running job that sends nothing for so long has\n"
                            "                          failed (1800)\n"
                            "  --confirm SECONDS       how long a job waits for the production system's word\n"
                            "                          (1800)\n"
                            "  --help, --version\n";

enum choice { LISTEN = 1, SOCKET, STATE, STORE, HOSTSDIR, PID, SILENCE, CONFIRM, HELP, VERSION };

static int copy_path(char ret[SERVER_PATH], const char *option, const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n == 0 || n >= SERVER_PATH) {
        fprintf(stderr, "slipwayd: --%s: '%s' is empty or too long\n", option, path);
        return 2;
    }
    memcpy(ret, path, n);
    ret[n] = 0;
    return -1;
}

static int read_listen(struct sockaddr_in *ret, const char *text)
{
    const char *colon = strrchr(text, ':');
    char address[64] = "";
    int64_t port;

    if (colon && (size_t)(colon - text) < sizeof(address))
        memcpy(address, text, (size_t)(colon - text));
    *ret = (struct sockaddr_in){.sin_family = AF_INET};
    if (!colon || inet_pton(AF_INET, address, &ret->sin_addr) != 1 || !api_number(colon + 1, 65535, &port)) {
        fprintf(stderr, "slipwayd: --listen: '%s' is not ADDRESS:PORT\n", text);
        return 2;
    }
    ret->sin_port = htons((uint16_t)port);
    return -1;
}

static int read_seconds(int64_t *ret_ms, const char *option, const char *text)
{
    int64_t seconds;

    if (!api_number(text, INT32_MAX, &seconds) || seconds == 0) {
        fprintf(stderr, "slipwayd: --%s: '%s' is no number of seconds\n", option, text);
        return 2;
    }
    *ret_ms = seconds * 1000;
    return -1;
}

static int take(enum choice choice, const char *name, const char *value, struct options *o, struct server *s)
{
    switch (choice) {
    case LISTEN:
        return read_listen(&o->listen, value);
    case SOCKET:
        return copy_path(o->socket, name, value);
    case STATE:
        return copy_path(o->state, name, value);
    case STORE:
        return copy_path(s->store, name, value);
    case HOSTSDIR:
        return copy_path(s->dnsmasq_hosts, name, value);
    case PID:
        return copy_path(s->dnsmasq_pid, name, value);
    case SILENCE:
        return read_seconds(&s->silence_ms, name, value);
    case CONFIRM:
        return read_seconds(&s->confirm_ms, name, value);
    case HELP:
        fputs(usage, stdout);
        return 0;
    case VERSION:
        puts("slipwayd " SLIPWAY_VERSION);
        return 0;
    }
    return 2;
}

int options_read(int argc, char **argv, struct options *o, struct server *s)
{
    static const struct option table[] = {
        {"listen", required_argument, NULL, LISTEN},
        {"socket", required_argument, NULL, SOCKET},
        {"state", required_argument, NULL, STATE},
        {"store", required_argument, NULL, STORE},
        {"dnsmasq-hostsdir", required_argument, NULL, HOSTSDIR},
        {"dnsmasq-pid", required_argument, NULL, PID},
        {"silence", required_argument, NULL, SILENCE},
        {"confirm", required_argument, NULL, CONFIRM},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    int choice, which = 0, rc = -1;

    read_listen(&o->listen, "0.0.0.0:8077");
    copy_path(o->socket, "socket", "/run/slipway/slipwayd.sock");
    copy_path(o->state, "state", "/var/lib/slipway");
    s->silence_ms = 1800 * 1000;
    s->confirm_ms = 1800 * 1000;
    while (rc < 0 && (choice = getopt_long(argc, argv, "", table, &which)) != -1)
        rc = choice == '?' ? 2 : take((enum choice)choice, table[which].name, optarg, o, s);
    if (rc < 0 && optind < argc) {
        fprintf(stderr, "slipwayd: '%s' is no option; see slipwayd --help\n", argv[optind]);
        rc = 2;
    }
    if (rc < 0 && !s->store[0])
        rc = copy_path(s->store, "store", o->state);
    return rc;
}
