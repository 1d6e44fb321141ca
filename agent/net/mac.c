/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/mac.h"

#include <stdio.h>

bool mac_parse(const char *text, uint8_t ret[6])
{
    unsigned b[6];

    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
        return false;
    for (unsigned i = 0; i < 6; i++)
        ret[i] = (uint8_t)b[i];
    return true;
}
