/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request of a source to an HTTP server, over libcurl. */
#ifndef SLIPWAY_AGENT_SOURCE_TRANSFER_H
#define SLIPWAY_AGENT_SOURCE_TRANSFER_H

#include <curl/curl.h>
#include <stdint.h>

#include "agent/base/failure.h"

/* Sets what all requests to `url` share; `error` (CURL_ERROR_SIZE bytes) and `url` must outlive them. */
void source_transfer_set(CURL *c, const char *url, char *error);

/* Says why a request failed. Returns -1 with *f: "no-such-image" when the server has no such file, else "server". */
int source_transfer_fail(CURL *c, const char *url, CURLcode code, const char *error, struct failure *f);

/* Fetches exactly `size` (more than 0) bytes at `offset`. Returns 0, or -1 with *f: "server" (also: the server does not
 * send parts of a file), "no-such-image", "out-of-memory". */
int source_transfer_part(const char *url, uint64_t offset, void *ret, size_t size, struct failure *f);

#endif
