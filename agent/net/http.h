/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One keep-alive HTTP connection to the server, over libcurl. Not shared between threads: each thread opens its own. */
#ifndef SLIPWAY_AGENT_HTTP_H
#define SLIPWAY_AGENT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/buffer.h"
#include "agent/base/failure.h"

struct http;

/* True for an http or https URL, by its beginning. */
bool http_is_url(const char *text);

/* Sets libcurl up, once for the process, as the URL `base` needs it. http_open does this itself. */
void http_prepare(const char *base);

/* `base` is "http://host:port" and is copied; `token` may be NULL. `retry_seconds`: how long a request is repeated, with
 * growing pauses (1, 2, 4 ... 30 s), while the server cannot be reached or answers 5xx other than 507; UINT_MAX = for
 * ever, 0 = not at all. Returns NULL when out of memory. */
struct http *http_open(const char *base, const char *token, unsigned retry_seconds);
void http_close(struct http *h);

/* Called before each pause, for the console ("server 10.77.0.2 does not answer, trying again in 4 s"), and asked
 * whether to give up: a nonzero return ends the request as `cancelled`. */
void http_on_retry(struct http *h, int (*notice)(void *arg, const char *message, unsigned pause_seconds), void *arg);

/* Sends one request. `method` is GET, PUT or POST; `path` begins with '/'; `body` may be NULL. The answer's body, at most
 * `limit` bytes, replaces *ret. Returns the HTTP status (also 4xx: *f then holds the server's error code and
 * message; and 5xx once retry_seconds are over), or -1 with *f when there was no answer (reason "server") or it was
 * longer than `limit`. A transfer that ends before Content-Length is no answer. `timeout_seconds` is how long the server
 * may be silent, not how long a transfer may take. */
int http_request(struct http *h, const char *method, const char *path, const void *body, size_t body_size, size_t limit,
                 unsigned timeout_seconds, struct buffer *ret, struct failure *f);

#endif
