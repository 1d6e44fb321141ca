/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A manifest that is accepted must come out of manifest_format and be accepted again. */
#include <stdlib.h>
#include <string.h>

#include "agent/image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct manifest m, again;
    struct failure f;
    char *text;

    if (manifest_parse(data, size, "fuzz", &m, &f))
        return 0;
    text = manifest_format(&m, &f);
    if (!text || manifest_parse(text, strlen(text), "fuzz", &again, &f) || again.count != m.count)
        abort();
    free(text);
    return 0;
}
