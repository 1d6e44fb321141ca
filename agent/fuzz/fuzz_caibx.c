/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first 8 bytes say how large the partition is, the rest is the index. */
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/image/caibx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure f;
    struct caibx x;
    uint8_t *copy;
    size_t sum = 0;

    if (size < 8)
        return 0;
    copy = malloc(size - 8 + 1);
    memcpy(copy, data + 8, size - 8);
    if (caibx_adopt(&x, copy, size - 8, le64_read(data), "fuzz.caibx", &f))
        return 0;
    for (size_t i = 0; i < x.count; i++)
        sum += caibx_chunk_size(&x, i) + caibx_id(&x, i)[31] - caibx_id(&x, i)[31];
    if (sum != x.size)
        abort();
    caibx_free(&x);
    return 0;
}
