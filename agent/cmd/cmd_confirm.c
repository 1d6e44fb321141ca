/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/cmd/cmd.h"
#include "agent/identity/confirm.h"

#define PATIENCE_SECONDS 900

static const char usage[] = "Usage: slipway-agent confirm [OPTION]...\n"
                            "\n"
                            "Tells the server that a deployed system has started. A job that was given with\n"
                            "--confirm leaves a unit in the system that runs this once and is then gone.\n"
                            "\n"
                            "  --root FOLDER  the system's root folder; default: /\n"
                            "  --help\n";

int cmd_confirm(int argc, char **argv)
{
    static const struct option names[] = {
        {"root", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *folder = "/";
    struct failure f;
    int c, root, result;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c != 'r') {
            fputs(usage, c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
        folder = optarg;
    }
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        perror(folder);
        return 1;
    }
    result = confirm_send(root, PATIENCE_SECONDS, &f);
    if (result)
        fprintf(stderr, "slipway-agent: %s\n", f.message);
    close(root);
    return result ? 1 : 0;
}
