/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of a manifest's JSON objects, each checked before it is used. All functions return 0, or -1 with *r->f
 * ("bad-image"), which names the member; *ret is then undefined. */
#ifndef SLIPWAY_AGENT_MANIFEST_READER_H
#define SLIPWAY_AGENT_MANIFEST_READER_H

#include <jansson.h>

#include "agent/image/manifest.h"

#define MANIFEST_SIZE_LIMIT ((uint64_t)1 << 60) /* of anything on a disk, bytes */

/* What is being read, so that a message can say where the fault is. */
struct manifest_reader {
    const char *image;
    char where[32]; /* "partitions[3]." */
    struct failure *f;
};

/* Always -1. */
int manifest_bad(const struct manifest_reader *r, const char *key, const char *what);

/* A string of less than `size` bytes. */
int manifest_read_text(const struct manifest_reader *r, const json_t *object, const char *key, char *ret, size_t size);
/* An integer from 0 to `max`. */
int manifest_read_number(const struct manifest_reader *r, const json_t *object, const char *key, uint64_t max,
                         uint64_t *ret);
/* A string of hexadecimal digits, at most 64 bits. */
int manifest_read_hex(const struct manifest_reader *r, const json_t *object, const char *key, uint64_t *ret);
int manifest_read_guid(const struct manifest_reader *r, const json_t *object, const char *key, char ret[40]);
int manifest_read_sha256(const struct manifest_reader *r, const json_t *object, uint8_t ret[32]);

/* Reads what depends on the kind of table: m->table and the members of `disk` that belong to it. m->sector_size is
 * set. */
int manifest_read_table(struct manifest_reader *r, const json_t *disk, struct manifest *m);
/* Type, uuid, name and attributes of a partition, whose number is set, in such a table. */
int manifest_read_entry(const struct manifest_reader *r, const json_t *object, const struct manifest *m,
                        struct manifest_partition *p);

#endif
