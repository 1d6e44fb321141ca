/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/zeros.h"

#include <stdint.h>
#include <string.h>

bool bytes_are_zero(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t words[8], any = 0;

    for (; size >= sizeof(words) && !any; bytes += sizeof(words), size -= sizeof(words)) {
        memcpy(words, bytes, sizeof(words));
        for (int i = 0; i < 8; i++)
            any |= words[i];
    }
    while (size-- && !any)
        any |= *bytes++;
    return !any;
}
