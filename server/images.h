/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: folders under STORE/images (docs/image-format.md). The caller holds the lock unless it says otherwise. */
#ifndef SLIPWAY_SERVER_IMAGES_H
#define SLIPWAY_SERVER_IMAGES_H

#include <jansson.h>
#include <stdbool.h>

#include "server/refusal.h"
#include "server/server.h"

#define IMAGE_PATH (SERVER_PATH + 512)
#define IMAGE_FILE_MAX ((size_t)256 * 1024 * 1024)
#define MANIFEST_MAX ((size_t)4 * 1024 * 1024)

/* The folder of an image, or the file `file` in it when that is not NULL. Both names are valid ones. */
void image_path(const struct server *s, const char *name, const char *file, char ret[IMAGE_PATH]);

/* Whether the image is there: its folder has a manifest. Needs no lock. */
bool image_exists(const struct server *s, const char *name);

/* Refuses with 404 no-such-image and names the images there are. Returns -1. */
int image_refuse_unknown(const struct server *s, const char *name, struct refusal *r);

/* {"images": [...]}; one image: the summary and its manifest. New references, or NULL with *r. Need no lock. */
json_t *images_list(const struct server *s, struct refusal *r);
json_t *image_show(const struct server *s, const char *name, struct refusal *r);

/* Removes an image that no unfinished job uses, then sweeps (sweep.h). The answer {"swept", "chunks", "bytes"}, or NULL
 * with *r: no-such-image, image-in-use. Takes the locks itself. */
json_t *image_delete(struct server *s, const char *name, struct refusal *r);

/* Takes the manifest of a capture job's image and, when everything it names is there, makes the image exist. *ret_new
 * is false when the same manifest was taken before. Returns 0, or -1 with *r: bad-manifest, image-exists, job-over,
 * store-full. Takes the locks itself. */
int manifest_take(struct server *s, const json_t *job, const void *data, size_t size, bool *ret_new, struct refusal *r);

#endif
