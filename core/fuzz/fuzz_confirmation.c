/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram to slipwayd's UDP port, from anybody: what is taken for a confirmation has a file name that ends inside.
 */
#include <stdlib.h>
#include <string.h>

#include "core/confirmation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    struct confirmation c;

    if (size > 0)
        memcpy(copy, data, size);
    if (confirmation_read(&c, copy, size) && (c.file[0] == '\0' || !memchr(c.file, 0, sizeof(c.file))))
        abort();
    free(copy);
    return 0;
}
