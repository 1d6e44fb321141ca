/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens without a request: silent jobs fail, and unused chunks are swept once no capture runs. */
#ifndef SLIPWAY_SERVER_HOUSEKEEPING_H
#define SLIPWAY_SERVER_HOUSEKEEPING_H

#include "server/server.h"

/* Works until s->stopping, about once a second; for a thread of its own. */
void *housekeeping_run(void *server);

#endif
