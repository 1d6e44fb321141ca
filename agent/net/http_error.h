/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of an error answer (docs/protocol.md, "Errors"). */
#ifndef SLIPWAY_AGENT_HTTP_ERROR_H
#define SLIPWAY_AGENT_HTTP_ERROR_H

#include "agent/net/http.h"

/* Fills *f from `body`: reason = error.code, message = error.message. A body that is no such object (a proxy's page,
 * nothing at all) becomes reason "server" and a message with the status and `base`. Control characters in what
 * the server says become '?': it goes to a console. */
void http_error_parse(int status, const char *base, const struct buffer *body, struct failure *f);

#endif
