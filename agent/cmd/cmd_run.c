/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd_run.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/automation/machine.h"
#include "agent/automation/session.h"
#include "agent/base/console.h"
#include "agent/net/server_url.h"

static const char usage[] = "Usage: slipway-agent run --server ADDRESS --mac MAC [OPTION]...\n"
                            "\n"
                            "Works for a server as a machine of its own: checks in, waits for jobs and does\n"
                            "them, on the named disks only. Never restarts this computer.\n"
                            "\n"
                            "  --server ADDRESS          address, address:port or http:// URL\n"
                            "  --mac MAC                 the machine's MAC address, aa:bb:cc:dd:ee:ff\n"
                            "  --disk PATH[,serial=TEXT] a file or block device as a disk of the machine;\n"
                            "                            may be given more than once\n"
                            "  --uuid UUID               the machine's UUID; default: none\n"
                            "  --firmware uefi|bios      default: this computer's\n"
                            "  --commands                do steps that run commands and write files on\n"
                            "                            this very computer; without it they fail\n"
                            "  --once                    end after one job, with its result as exit status\n"
                            "  --help\n";

struct options {
    char server[300];
    const char *mac, *uuid, *firmware;
    bool once, help;
    struct machine machine;
};

static bool mac_valid(const char *mac)
{
    unsigned b[6];
    int end = 0;

    return sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &end) == 6 && end == 17 &&
           !mac[17];
}

static bool parse_option(int c, const char *value, struct options *o)
{
    struct failure f;

    switch (c) {
    case 's':
        return server_url_format(o->server, sizeof(o->server), value);
    case 'm':
        o->mac = value;
        return mac_valid(value);
    case 'd':
        if (machine_add_disk(&o->machine, value, &f) == 0)
            return true;
        fprintf(stderr, "slipway-agent: %s\n", f.message);
        return false;
    case 'u':
        o->uuid = value;
        return strlen(value) < sizeof(o->machine.inventory.uuid);
    case 'f':
        o->firmware = value;
        return strcmp(value, "uefi") == 0 || strcmp(value, "bios") == 0;
    case 'c':
        return o->machine.commands = true;
    case 'o':
        return o->once = true;
    case 'h':
        return o->help = true;
    default:
        return false;
    }
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"server", required_argument, NULL, 's'},
        {"mac", required_argument, NULL, 'm'},
        {"disk", required_argument, NULL, 'd'},
        {"uuid", required_argument, NULL, 'u'},
        {"commands", no_argument, NULL, 'c'},
        {"once", no_argument, NULL, 'o'},
        {"firmware", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
        if (!parse_option(c, optarg, o)) {
            if (c != '?')
                fprintf(stderr, "slipway-agent: \"%s\" is not a valid value here\n", optarg ? optarg : "");
            return false;
        }
    return o->help || (optind == argc && o->server[0] && o->mac);
}

static void fill_inventory(struct options *o)
{
    struct inventory *i = &o->machine.inventory;

    snprintf(i->uuid, sizeof(i->uuid), "%s", o->uuid ? o->uuid : "");
    snprintf(i->boot_mac, sizeof(i->boot_mac), "%s", o->mac);
    snprintf(i->macs[0], sizeof(i->macs[0]), "%s", o->mac);
    i->mac_count = 1; /* this computer's other cards are not the machine's */
    i->serial[0] = '\0';
    if (o->firmware)
        snprintf(i->firmware, sizeof(i->firmware), "%s", o->firmware);
}

static int end_status(enum session_end end)
{
    if (end == SESSION_REBOOT || end == SESSION_POWEROFF || end == SESSION_KEXEC)
        console_line("a real machine would %s now", end == SESSION_POWEROFF ? "power off" : "restart");
    return end == SESSION_ONCE_FAILED ? 1 : 0;
}

int cmd_run(int argc, char **argv)
{
    static struct options o;
    struct session session = {.server = o.server, .machine = &o.machine};

    inventory_read(&o.machine.inventory);
    if (!parse_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    if (o.help) {
        fputs(usage, stdout);
        return 0;
    }
    session.once = o.once;
    fill_inventory(&o);
    console_add(STDOUT_FILENO);
    signal(SIGPIPE, SIG_IGN);
    return end_status(session_run(&session));
}
