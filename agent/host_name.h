/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_HOST_NAME_H
#define SLIPWAY_AGENT_HOST_NAME_H

#include <stdbool.h>

/* Whether `name` is a host name: labels of letters, digits and '-' that neither begin nor end with '-' (RFC 1123 2.1),
 * joined by dots, 63 bytes at most in all (what Linux takes). */
bool host_name_valid(const char *name);

#endif
