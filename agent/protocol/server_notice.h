/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_SERVER_NOTICE_H
#define SLIPWAY_AGENT_SERVER_NOTICE_H

/* Says on the console that the server does not answer and when it is asked again; several threads that wait for the
 * same server are heard once. `message` names server and error. */
void server_notice(const char *message, unsigned pause_seconds);

#endif
