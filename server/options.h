/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slipwayd's command line. */
#ifndef SLIPWAY_SERVER_OPTIONS_H
#define SLIPWAY_SERVER_OPTIONS_H

#include <netinet/in.h>

#include "server/server.h"

struct options {
    struct sockaddr_in listen;
    char socket[SERVER_PATH];
    char state[SERVER_PATH];
};

/* Fills *o, and the paths, the silence and the time to confirm of *s. Returns -1 to go on, else the status to exit with: 0 after --help or
 * --version, 2 after a mistake, which has been told on stderr. */
int options_read(int argc, char **argv, struct options *o, struct server *s);

#endif
