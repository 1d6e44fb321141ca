/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/image_files.h"

#include <stdlib.h>
#include <string.h>

/* A file that the manifest names with its SHA-256. The caller frees ret->data, also after a failure. */
static int fetch_named(struct store *s, const char *image, const struct manifest_index *named, struct buffer *ret,
                       struct failure *f)
{
    uint8_t sha256[32];

    if (store_get_file(s, image, named->file, ret, f))
        return -1;
    file_sha256(ret->data, ret->size, sha256);
    if (!memcmp(sha256, named->sha256, sizeof(sha256)))
        return 0;
    return fail(f, "bad-image", "image %s: %s does not have the SHA-256 that the manifest says", image, named->file);
}

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

int image_fetch_further(struct store *s, const struct manifest *first, unsigned i, struct manifest *ret,
                        struct failure *f)
{
    struct buffer b = {0};
    int result = fetch_named(s, first->name, &first->further[i], &b, f);

    if (!result)
        result = manifest_parse(b.data, b.size, first->name, ret, f);
    free(b.data);
    if (!result && (strcmp(ret->name, first->name) || ret->further_count))
        return fail(f, "bad-image", "image %s: %s is no manifest of a further disk", first->name,
                    first->further[i].file);
    return result;
}

int image_fetch_index(struct store *s, const char *image, const struct manifest_index *index, uint64_t size,
                      struct caibx *ret, struct failure *f)
{
    struct buffer b = {0};

    if (!fetch_named(s, image, index, &b, f))
        return caibx_adopt(ret, b.data, b.size, size, index->file, f);
    free(b.data);
    return -1;
}
