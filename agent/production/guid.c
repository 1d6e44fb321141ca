/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/guid.h"

#include <stdio.h>
#include <string.h>

bool guid_parse(const char *text, uint8_t ret[16])
{
    static const uint8_t place[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    uint8_t b[16];

    if (strlen(text) != 36 || strspn(text, "0123456789abcdefABCDEF-") != 36)
        return false;
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        return false;
    if (sscanf(text, "%2hhx%2hhx%2hhx%2hhx-%2hhx%2hhx-%2hhx%2hhx-%2hhx%2hhx-%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx", &b[0],
               &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7], &b[8], &b[9], &b[10], &b[11], &b[12], &b[13], &b[14],
               &b[15]) != 16)
        return false;
    for (unsigned i = 0; i < 16; i++)
        ret[place[i]] = b[i];
    return true;
}
