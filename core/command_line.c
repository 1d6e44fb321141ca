/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/command_line.h"

bool command_line_write(const char *options, const struct net_config *net, const uint8_t mac[6], size_t max,
                        char ret[COMMAND_LINE_SIZE], struct error_detail *ret_error)
{
    struct text t;

    text_init(&t, ret, COMMAND_LINE_SIZE);
    text_string(&t, options);
    net_config_format(&t, net, mac, options);
    if (!t.cut && t.length <= max)
        return true;
    error_begin(ret_error, SLIPWAY_E01, &t);
    text_string(&t, "options are too long: the kernel takes ");
    text_unsigned(&t, max < COMMAND_LINE_SIZE ? max : COMMAND_LINE_SIZE - 1);
    text_string(&t, " characters in all");
    return false;
}
