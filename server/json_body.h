/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as it comes from the network. */
#ifndef SLIPWAY_SERVER_JSON_BODY_H
#define SLIPWAY_SERVER_JSON_BODY_H

#include <jansson.h>
#include <stddef.h>

/* Levels of arrays and objects within each other. */
#define JSON_BODY_DEPTH 32

/* Parses `size` bytes of `data`, which anybody may have sent (RFC 8259). Returns a new reference, or NULL with
 * *ret_error when it is no JSON, names a member twice, or is deeper than JSON_BODY_DEPTH: jansson calls itself for each
 * level, for reading and for writing, and would go beyond the stack of a connection's thread long before its own limit.
 */
json_t *json_body_parse(const void *data, size_t size, json_error_t *ret_error);

#endif
