/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP between libmicrohttpd and the handlers: routes, bounded bodies, tokens, answers. A thread for each connection,
 * so a long poll or a slow client holds up nobody. */
#ifndef SLIPWAY_SERVER_HTTPD_H
#define SLIPWAY_SERVER_HTTPD_H

#include <jansson.h>
#include <microhttpd.h>

#include "server/refusal.h"
#include "server/server.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define REQUEST_PARAMS 4
#define REQUEST_PEER 64

struct request {
    struct server *server;
    struct MHD_Connection *connection;
    const struct route *route;
    char *path;                        /* decoded; cut into the parts */
    const char *param[REQUEST_PARAMS]; /* what stood for each '*' of the route */
    char peer[REQUEST_PEER];           /* the client's address, or "local" */
    json_t *job;                       /* the token's job (a row of jobs), or NULL */
    uint8_t *body;
    size_t size, room, dropped;
    int64_t started_ms;
    bool refused;
    struct refusal refusal; /* why, when .refused: the body is read and thrown away first */
};

struct reply {
    int status;
    json_t *json; /* owned; or NULL and a file: */
    int fd;       /* owned */
    size_t size;
    const char *type;
};

enum route_token {
    TOKEN_NONE,    /* not looked at */
    TOKEN_MAY,     /* checked when there is one */
    TOKEN_JOB,     /* of a job that has not ended; where the first parameter is a job's id, of that one */
    TOKEN_CAPTURE, /* of a running capture */
    TOKEN_EVENT,   /* of the job in the path, which may have ended: a repeated finish must find its answer */
};

struct route {
    const char *method;  /* GET also serves HEAD */
    const char *pattern; /* "/v1/jobs/" "*" "/events": '*' is one part, never empty */
    enum route_token token;
    size_t limit; /* largest body, bytes; larger is 413 */
    /* Fills *ret and returns 0, or returns -1 with *r. */
    int (*handle)(struct request *q, struct reply *ret, struct refusal *r);
};

/* Starts serving `routes` (ends with a method of NULL) on the listening socket `fd`, which it then owns. Returns NULL
 * with *r. */
struct httpd *httpd_start(struct server *s, const struct route *routes, int fd, struct refusal *r);

/* Waits until the handlers that work now have returned; NULL is stopped already. */
void httpd_stop(struct httpd *h);

/* The body as a JSON object: a new reference, or NULL with *r (400 bad-request). */
json_t *request_json(const struct request *q, struct refusal *r);

/* The token that came with the request, "" when there is none. */
const char *request_bearer(const struct request *q);

/* Answers with `json`, whose reference it takes. Returns 0, or -1 with *r when `json` is NULL. */
int reply_json(struct reply *ret, int status, json_t *json, struct refusal *r);

#endif
