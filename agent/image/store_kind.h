/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kind of store (server, directory) gives to store.c. Names of images and files have been checked before. */
#ifndef SLIPWAY_AGENT_STORE_KIND_H
#define SLIPWAY_AGENT_STORE_KIND_H

#include "agent/image/store.h"

#define STORE_CHUNK_MAX (2u * 1024 * 1024)

/* "3f9a/3f9a....cacnk" */
#define STORE_CHUNK_PATH 80
void store_chunk_path(const uint8_t id[CHUNK_ID_SIZE], char ret[STORE_CHUNK_PATH]);

struct store_kind {
    void (*close)(void *self);
    int (*missing)(void *self, const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count, bool *ret_missing, struct failure *f);
    int (*put_chunk)(void *self, const uint8_t id[CHUNK_ID_SIZE], const void *frame, size_t size, struct failure *f);
    int (*put_chunks)(void *self, const struct chunk_batch *b, struct failure *f);
    int (*get_chunk)(void *self, const uint8_t id[CHUNK_ID_SIZE], struct buffer *ret, struct failure *f);
    int (*put_file)(void *self, const char *image, const char *file, const void *data, size_t size, struct failure *f);
    int (*get_file)(void *self, const char *image, const char *file, struct buffer *ret, struct failure *f);
};

/* Both return NULL with *f. */
void *store_http_open(const char *base, const char *token, int (*notice)(void *, const char *, unsigned), void *arg,
                      struct failure *f);
void *store_dir_open(const char *directory, struct failure *f);

extern const struct store_kind store_http_kind, store_dir_kind;

#endif
