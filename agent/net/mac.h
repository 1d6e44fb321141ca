/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_MAC_H
#define SLIPWAY_AGENT_MAC_H

#include <stdbool.h>
#include <stdint.h>

/* "52:54:00:00:00:0a", of either case. Returns false, *ret untouched, when `text` does not begin so. */
bool mac_parse(const char *text, uint8_t ret[6]);

#endif
