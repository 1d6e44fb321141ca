/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: slipway [--json] [--socket PATH] COMMAND\n"
                            "\n"
                            "  machine list                what slipwayd knows\n"
                            "  machine show NAME\n"
                            "  machine add MAC NAME        name a machine before it first boots\n"
                            "  machine rename NAME NEW\n"
                            "  machine set NAME KEY=VALUE...\n"
                            "                              what it comes up as after a deploy: domain,\n"
                            "                              locale, keyboard, time_zone, address, gateway,\n"
                            "                              dns, ... (docs/operations.md, \"Identity\"); KEY=\n"
                            "                              removes it\n"
                            "  machine import FILE.csv     a room of machines: a header with mac, name and\n"
                            "                              such keys, then one machine on each line\n"
                            "  machine pattern [PATTERN]   names for machines seen for the first time, such\n"
                            "                              as 'lab1-{n:02}'\n"
                            "  machine delete NAME\n"
                            "\n"
                            "  capture MACHINE IMAGE [OPTION...]\n"
                            "                              schedule: take an image of the machine's disk\n"
                            "    --as-is                   keep the machine's identity in the image\n"
                            "    --leave NAME,...          leave these things of its identity as they are\n"
                            "                              (ssh-host-keys, ...)\n"
                            "    --logs                    remove the logs as well\n"
                            "    --level 1-19              how hard to compress (1)\n"
                            "    --bad-sectors fail|zero   give up at sectors that cannot be read (fail), or\n"
                            "                              take them as zeros\n"
                            "\n"
                            "  deploy IMAGE MACHINE... [OPTION...]\n"
                            "                              schedule: put an image on machines' disks\n"
                            "    --grow auto|none|N        which partition gets what a larger disk has more\n"
                            "                              (auto: the last)\n"
                            "    --keep N,...              partitions of the disk that stay as they are\n"
                            "    --no-identity             do not write the machine's identity into the\n"
                            "                              system\n"
                            "  deploy URL MACHINE... [OPTION...]\n"
                            "                              a raw, .gz, .xz, .zst or .qcow2 disk image,\n"
                            "                              streamed from its http(s) server\n"
                            "    --sha256 HEX              what it must hash to; otherwise URL.sha256,\n"
                            "                              SHA256SUMS or SHA512SUMS beside it must say so,\n"
                            "    --no-checksum             unless this is given\n"
                            "\n"
                            "  Of capture and deploy:\n"
                            "    --disk KEY=VALUE,...      which disk: serial, wwn, model, path, size (in\n"
                            "                              bytes); needed when there are several; more than\n"
                            "                              once: several disks in one image, in this order\n"
                            "    --finish HOW              what the machine does afterwards: reboot (the\n"
                            "                              default), bootnext, kexec, poweroff, hold\n"
                            "    --boot-order network-first|disk-first|keep\n"
                            "                              UEFI: the firmware's order afterwards\n"
                            "                              (network-first)\n"
                            "    --confirm                 it has succeeded only when the production system\n"
                            "                              says so\n"
                            "    --wait                    stay until it has ended; the exit status tells\n"
                            "                              whether it succeeded\n"
                            "\n"
                            "  job list                    the newest 1000 jobs\n"
                            "  job show ID\n"
                            "  job cancel ID\n"
                            "  job wait ID...\n"
                            "  job submit FILE [MACHINE...]\n"
                            "                              a list of steps, in YAML or JSON\n"
                            "                              (docs/operations.md, \"Jobs of several steps\");\n"
                            "                              --finish, --boot-order, --confirm and --wait as\n"
                            "                              above\n"
                            "  job continue ID             go on behind a step that waits\n"
                            "  job files ID                what it has left behind: output of commands,\n"
                            "                              files that it brought\n"
                            "  job fetch ID NAME [FILE]    one of them (FILE -: to standard output)\n"
                            "\n"
                            "  image list\n"
                            "  image show NAME\n"
                            "  image delete NAME           and the chunks that no other image needs\n"
                            "  image import FILE --name NAME\n"
                            "                              make an image of a raw, .gz, .xz, .zst or .qcow2\n"
                            "                              disk image, or a split set (.img)\n"
                            "    --sha256 HEX              what FILE must hash to\n"
                            "    --level 1-19              how hard to compress\n"
                            "    --scratch DIR             where FILE is unpacked ($TMPDIR, or /var/tmp)\n"
                            "  image export NAME FILE      write an image as a raw disk\n"
                            "    --split SIZE              to FILE.img, FILE.002, ..., none larger than SIZE\n"
                            "                              (2G, 650M)\n"
                            "\n"
                            "A MACHINE is a name or a MAC address. --json answers for scripts. --socket:\n"
                            "slipwayd's (also $SLIPWAY_SOCKET; /run/slipway/slipwayd.sock). --help and\n"
                            "--version are what they are elsewhere.\n"
                            "Exit status: 0 done, 1 refused or failed, 2 called wrongly.\n";

static const struct command {
    const char *name;
    int (*run)(const struct cli *c, int count, char **words);
} commands[] = {
    {"machine", cli_machine}, {"capture", cli_capture}, {"deploy", cli_deploy}, {"job", cli_job}, {"image", cli_image},
};

enum choice {
    JSON = 1,
    SOCKET,
    DISK,
    FINISH,
    LEVEL,
    BAD_SECTORS,
    GROW,
    KEEP,
    LEAVE,
    AS_IS,
    LOGS,
    NO_IDENTITY,
    BOOT_ORDER,
    CONFIRM,
    SHA256,
    NO_CHECKSUM,
    NAME,
    SPLIT,
    SCRATCH,
    WAIT,
    HELP,
    VERSION
};

/* Returns -1 to go on, else the exit status. */
static int read_options(struct cli *c, int argc, char **argv)
{
    static const struct option table[] = {
        {"json", no_argument, NULL, JSON},
        {"socket", required_argument, NULL, SOCKET},
        {"disk", required_argument, NULL, DISK},
        {"finish", required_argument, NULL, FINISH},
        {"level", required_argument, NULL, LEVEL},
        {"bad-sectors", required_argument, NULL, BAD_SECTORS},
        {"grow", required_argument, NULL, GROW},
        {"keep", required_argument, NULL, KEEP},
        {"leave", required_argument, NULL, LEAVE},
        {"as-is", no_argument, NULL, AS_IS},
        {"logs", no_argument, NULL, LOGS},
        {"no-identity", no_argument, NULL, NO_IDENTITY},
        {"boot-order", required_argument, NULL, BOOT_ORDER},
        {"confirm", no_argument, NULL, CONFIRM},
        {"sha256", required_argument, NULL, SHA256},
        {"no-checksum", no_argument, NULL, NO_CHECKSUM},
        {"name", required_argument, NULL, NAME},
        {"split", required_argument, NULL, SPLIT},
        {"scratch", required_argument, NULL, SCRATCH},
        {"wait", no_argument, NULL, WAIT},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    int choice;

    while ((choice = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (choice) {
        case JSON:
            c->json = true;
            break;
        case SOCKET:
            c->socket = optarg;
            break;
        case DISK:
            if (c->disk_count == CLI_DISKS)
                return cli_fail(CLI_USAGE, "--disk: an image has at most %d disks", CLI_DISKS);
            c->disks[c->disk_count++] = optarg;
            break;
        case FINISH:
            c->finish = optarg;
            break;
        case LEVEL:
            c->level = optarg;
            break;
        case BAD_SECTORS:
            c->bad_sectors = optarg;
            break;
        case GROW:
            c->grow = optarg;
            break;
        case KEEP:
            c->keep = optarg;
            break;
        case LEAVE:
            c->leave = optarg;
            break;
        case AS_IS:
            c->as_is = true;
            break;
        case LOGS:
            c->logs = true;
            break;
        case NO_IDENTITY:
            c->no_identity = true;
            break;
        case BOOT_ORDER:
            c->boot_order = optarg;
            break;
        case CONFIRM:
            c->confirm = true;
            break;
        case SHA256:
            c->sha256 = optarg;
            break;
        case NO_CHECKSUM:
            c->no_checksum = true;
            break;
        case NAME:
            c->name = optarg;
            break;
        case SPLIT:
            c->split = optarg;
            break;
        case SCRATCH:
            c->scratch = optarg;
            break;
        case WAIT:
            c->wait = true;
            break;
        case VERSION:
            puts("slipway " SLIPWAY_VERSION);
            return 0;
        case HELP:
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            return cli_fail(CLI_USAGE, "see slipway --help");
        }
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct cli c = {.socket = getenv("SLIPWAY_SOCKET")};
    int rc = read_options(&c, argc, argv);
    const char *noun = optind < argc ? argv[optind] : NULL;

    if (rc >= 0)
        return rc;
    if (!c.socket || !c.socket[0])
        c.socket = "/run/slipway/slipwayd.sock";
    if (!noun)
        return cli_fail(CLI_USAGE, "what shall I do? see slipway --help");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, noun) == 0)
            return commands[i].run(&c, argc - optind - 1, argv + optind + 1);
    }
    return cli_fail(CLI_USAGE, "'%s' is no command; see slipway --help", noun);
}
