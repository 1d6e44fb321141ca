/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/automation/automation.h"
#include "agent/cmd/cmd.h"
#include "agent/cmd/cmd_run.h"
#include "agent/kernel/fs_mount.h"
#include "agent/kernel/modules.h"

static const char usage[] = "Usage: slipway-agent COMMAND [OPTION]...\n"
                            "\n"
                            "  capture   make an image of a disk\n"
                            "  deploy    put an image on a disk\n"
                            "  verify    look for damage in an image, or hold a disk against it\n"
                            "  inspect   tell what is on a disk or in an image\n"
                            "  import    make a stored image of a raw, packed or qcow2 disk image\n"
                            "  export    write a stored image to a raw file, or to several\n"
                            "  run       work for a server as one of its machines\n"
                            "  resident  bring a production system to its jobs\n"
                            "  confirm   tell the server that a deployed system runs\n"
                            "\n"
                            "  --help, --version\n"
                            "\n"
                            "COMMAND --help tells more. As PID 1 it is the whole of automation and takes its options\n"
                            "from the kernel's command line.\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    bool mounts; /* file systems of disks */
} commands[] = {
    {"run", cmd_run, true},        {"capture", cmd_capture, true},    {"deploy", cmd_deploy, true},
    {"verify", cmd_verify, false}, {"inspect", cmd_inspect, true},    {"import", cmd_import, false},
    {"export", cmd_export, false}, {"resident", cmd_resident, false}, {"confirm", cmd_confirm, false},
};

/* Killed, a command leaves no disk mounted, which the next one would write to a second time. */
static int run_command(size_t i, int argc, char **argv)
{
    if (commands[i].mounts)
        fs_mount_apart();
    return commands[i].run(argc, argv);
}

/* The kernel starts PID 1 as /init (or what rdinit= says) and hands it the words of its command line that it does not
 * know; in a container PID 1 may well be a command of a person. */
static bool is_init(const char *program)
{
    const char *slash = strrchr(program, '/');

    return getpid() == 1 && strcmp(slash ? slash + 1 : program, "init") == 0;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    signal(SIGPIPE, SIG_IGN);
    if (argc > 0 && is_init(argv[0]))
        automation_run();
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(command, commands[i].name) == 0)
            return run_command(i, argc - 1, argv + 1);
    if (argc == 4 && strcmp(command, "-q") == 0 && strcmp(argv[2], "--") == 0)
        return modules_serve_kernel(argv);
    if (strcmp(command, "--version") == 0) {
        puts("slipway-agent " SLIPWAY_VERSION);
        return 0;
    }
    if (strcmp(command, "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    fputs(usage, stderr);
    return 2;
}
