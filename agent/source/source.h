/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a file elsewhere, in order: a local file, or one that any HTTP server serves. What is read in order can
 * be hashed on the way, as it comes: before anything unpacks it. Belongs to one thread. */
#ifndef SLIPWAY_AGENT_SOURCE_H
#define SLIPWAY_AGENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"

#define SOURCE_SIZE_UNKNOWN UINT64_MAX

struct source;

/* `where` is a path, http://... or https://... (redirects are followed). `p` is told of retries and asked whether to
 * give up; it must outlive the source. Returns NULL with *f: "no-such-image" (the server has no such file, or there is
 * none), "server", "disk-error", "out-of-memory". */
struct source *source_open(const char *where, const struct progress *p, struct failure *f);
void source_close(struct source *s);

/* Bytes of the file, or SOURCE_SIZE_UNKNOWN; bytes read in order so far. */
uint64_t source_size(const struct source *s);
uint64_t source_position(const struct source *s);

/* What was given to source_open. */
const char *source_name(const struct source *s);

/* Reads on: 1 to `size` bytes. A connection that breaks is taken up again where it broke, when the server can send part
 * of a file. Returns how many, 0 at the end, -1 with *f: "server" (also: the transfer ended before the announced size),
 * "disk-error", "cancelled". */
long source_read(struct source *s, void *ret, size_t size, struct failure *f);

/* Reads exactly `size` bytes at `offset`, apart from what source_read does. Over HTTP the server must be able to send
 * part of a file. Returns 0, or -1 with *f. */
int source_read_at(struct source *s, uint64_t offset, void *ret, size_t size, struct failure *f);

/* Says before the first source_read what it shall hash with: `size` is 32 (SHA-256), 64 (SHA-512), or 0 (the default):
 * not at all, which is faster. */
void source_hash(struct source *s, unsigned size);

/* The hash of what source_read gave so far, as many bytes as source_hash said. */
void source_sum(struct source *s, uint8_t *ret);

#endif
