/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP port on which boots.h's datagrams arrive. */
#ifndef SLIPWAY_SERVER_BOOTS_LISTEN_H
#define SLIPWAY_SERVER_BOOTS_LISTEN_H

#include <netinet/in.h>

#include "server/server.h"

/* What comes faster than this is dropped unread: each costs a query under the lock that agents need as well. */
#define BOOTS_PER_SECOND 200

/* Listens at `address` in a thread of its own. Returns NULL, the reason in the log, when it cannot: the server does
 * everything else without it. */
struct boots_listener *boots_listen(struct server *s, const struct sockaddr_in *address);

/* Ends the thread. Takes NULL, too. */
void boots_listen_stop(struct boots_listener *l);

#endif
