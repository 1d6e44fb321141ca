/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the windows_answer*.c share. */
#ifndef SLIPWAY_AGENT_WINDOWS_ANSWER_INTERNAL_H
#define SLIPWAY_AGENT_WINDOWS_ANSWER_INTERNAL_H

#include "agent/identity/windows_answer.h"
#include "agent/identity/xml_writer.h"

struct windows_answer {
    const struct identity *id;
    const char *arch; /* as Windows writes it */
    struct xml_writer xml;
};

#define WINDOWS_ADD "wcm:action", "add" /* the attribute of a list's entries */

/* Opens a component of the pass; xml_close ends it. */
void windows_answer_component(struct windows_answer *a, const char *name);

/* Addresses, routes, DNS; components Microsoft-Windows-TCPIP and Microsoft-Windows-DNS-Client. */
void windows_answer_network(struct windows_answer *a);

/* Inside Microsoft-Windows-Shell-Setup: OOBE and UserAccounts. */
void windows_answer_users(struct windows_answer *a);

#endif
