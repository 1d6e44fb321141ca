/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two interfaces of docs/protocol.md as tables of routes. */
#ifndef SLIPWAY_SERVER_API_H
#define SLIPWAY_SERVER_API_H

#include <stdbool.h>
#include <stdint.h>

#include "server/httpd.h"

extern const struct route api_agent_routes[];
extern const struct route api_admin_routes[];

/* Chunks and files of images: the data half of the agents' interface. */
int api_chunks_missing(struct request *q, struct reply *ret, struct refusal *r);
int api_chunk_get(struct request *q, struct reply *ret, struct refusal *r);
int api_chunks_put(struct request *q, struct reply *ret, struct refusal *r);
int api_chunk_put(struct request *q, struct reply *ret, struct refusal *r);
int api_image_file_get(struct request *q, struct reply *ret, struct refusal *r);
int api_image_file_put(struct request *q, struct reply *ret, struct refusal *r);
int api_manifest_get(struct request *q, struct reply *ret, struct refusal *r);
int api_manifest_put(struct request *q, struct reply *ret, struct refusal *r);

/* A sign of life of the request's job. Returns 0, or -1 with *r. Takes the lock. */
int api_note_life(struct request *q, struct refusal *r);

/* Reads a whole decimal number of a path or query. Returns false when it is none, or above `max`. */
bool api_number(const char *text, int64_t max, int64_t *ret);

#endif
