/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image store as the imaging engine sees it: a server (docs/protocol.md) or a directory (docs/image-format.md). A
 * store handle belongs to one thread; store_clone makes one more for another. */
#ifndef SLIPWAY_AGENT_STORE_H
#define SLIPWAY_AGENT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/image/chunk_batch.h"
#include "agent/image/chunk_id.h"
#include "agent/net/http.h"

/* The largest file of an image: the index of a partition of 6.4 TiB. */
#define STORE_FILE_MAX (256u * 1024 * 1024)

struct store;

/* `where` is "http://host:port" or a directory. `token` may be NULL (directory, or reading only). `notice` as in
 * http_on_retry, may be NULL. Returns NULL with *f. */
struct store *store_open(const char *where, const char *token, int (*notice)(void *, const char *, unsigned), void *arg,
                         struct failure *f);
struct store *store_clone(const struct store *s, struct failure *f);
void store_close(struct store *s);

/* All return 0, or -1 with *f. */

/* ret_missing[i] tells whether the store lacks ids[i]; count is at most 1024. */
int store_missing(struct store *s, const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count, bool *ret_missing,
                  struct failure *f);
int store_put_chunk(struct store *s, const uint8_t id[CHUNK_ID_SIZE], const void *frame, size_t size,
                    struct failure *f);
/* All chunks of the batch; those that the store has already stay as they are. */
int store_put_chunks(struct store *s, const struct chunk_batch *b, struct failure *f);
/* The stored zstd frame, at most 2 MiB, not verified. */
int store_get_chunk(struct store *s, const uint8_t id[CHUNK_ID_SIZE], struct buffer *ret, struct failure *f);
int store_put_file(struct store *s, const char *image, const char *file, const void *data, size_t size,
                   struct failure *f);
/* At most STORE_FILE_MAX bytes. `file` is "manifest.json" or an index. */
int store_get_file(struct store *s, const char *image, const char *file, struct buffer *ret, struct failure *f);

#endif
