/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image_files.h"

#include <stdlib.h>
#include <string.h>

int image_fetch_manifest(struct store *s, const char *image, struct manifest *ret, struct failure *f)
{
    struct buffer b = {0};
    int result = store_get_file(s, image, "manifest.json", &b, f);

    if (!result)
        result = manifest_parse(b.data, b.size, image, ret, f);
    free(b.data);
    if (!result && strcmp(ret->name, image))
        return fail(f, "bad-image", "the manifest of %s is that of %s", image, ret->name);
    return result;
}

int image_fetch_index(struct store *s, const char *image, const struct manifest_index *index, uint64_t size,
                      struct caibx *ret, struct failure *f)
{
    struct buffer b = {0};
    uint8_t sha256[32];

    if (store_get_file(s, image, index->file, &b, f)) {
        free(b.data);
        return -1;
    }
    file_sha256(b.data, b.size, sha256);
    if (!memcmp(sha256, index->sha256, sizeof(sha256)))
        return caibx_adopt(ret, b.data, b.size, size, index->file, f);
    free(b.data);
    return fail(f, "bad-image", "image %s: %s does not have the SHA-256 that the manifest says", image, index->file);
}
