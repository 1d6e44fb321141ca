/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line that a kernel is started with. */
#ifndef SLIPWAY_CORE_COMMAND_LINE_H
#define SLIPWAY_CORE_COMMAND_LINE_H

#include "core/error.h"
#include "core/net_config.h"

#define COMMAND_LINE_SIZE 2048 /* with its NUL, what Linux on x86 has room for */

/* Writes `options` and, behind them, what net_config_format says of the network. `max`: the longest that the kernel
 * takes, without its NUL. On failure, it would be longer, returns false and fills *ret_error (SLIPWAY_E01). */
bool command_line_write(const char *options, const struct net_config *net, const uint8_t mac[6], size_t max,
                        char ret[COMMAND_LINE_SIZE], struct error_detail *ret_error);

#endif
