/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site's settings, from a file or from the firmware's load options. */
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1), word[64];
    struct settings s = {0};
    struct text t;

    if (size > 0)
        memcpy(copy, data, size);
    text_init(&t, word, sizeof(word));
    if (settings_read(&s, copy, size, &t) && t.length > 0)
        abort();
    if (s.vlan > VLAN_ID_MAX || !memchr(word, 0, sizeof(word)))
        abort();
    free(copy);
    return 0;
}
