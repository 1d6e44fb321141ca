/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/httpd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/jobs.h"
#include "server/json_body.h"
#include "server/log.h"

#define CONNECTIONS 4096
#define IDLE_SECONDS 90         /* longer than the longest long poll */
#define REQUEST_MS (300 * 1000) /* a whole request, however slowly it comes */
#define DROP_MAX (128 * MIB)    /* so much of a refused body is read, so that the client gets to see the answer */
#define THREAD_STACK (512 * KIB)
#define CONNECTION_MEMORY (128 * KIB)

struct httpd {
    struct server *server;
    const struct route *routes;
    struct MHD_Daemon *daemon;
};

int reply_json(struct reply *ret, int status, json_t *json, struct refusal *r)
{
    if (!json)
        return refuse(r, 500, "internal", "out of memory");
    ret->status = status;
    ret->json = json;
    return 0;
}

json_t *request_json(const struct request *q, struct refusal *r)
{
    json_error_t error;
    json_t *json = json_body_parse(q->body, q->size, &error);

    if (!json) {
        refuse(r, 400, "bad-request", "the body is not JSON: %s (line %d, column %d)", error.text, error.line,
               error.column);
        return NULL;
    }
    if (!json_is_object(json)) {
        json_decref(json);
        refuse(r, 400, "bad-request", "the body is not a JSON object");
        return NULL;
    }
    return json;
}

/* Cuts q->path by the pattern; restores nothing: the caller works on a copy for each try. */
static bool match(const char *pattern, char *path, const char **param)
{
    unsigned params = 0;

    while (*pattern && *path) {
        if (*pattern != '*') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        if (params == REQUEST_PARAMS || *path == '/')
            return false;
        param[params++] = path;
        pattern++;
        path += strcspn(path, "/");
        if (*path && *pattern) {
            *path++ = 0;
            pattern++;
        }
    }
    return *pattern == 0 && *path == 0;
}

static void find_route(struct request *q, const struct route *routes, const char *method, const char *url)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;

    for (const struct route *route = routes; route->method; route++) {
        if (strcmp(route->method, wanted) != 0)
            continue;
        strcpy(q->path, url);
        if (match(route->pattern, q->path, q->param)) {
            q->route = route;
            return;
        }
    }
    q->refused = true;
    refuse(&q->refusal, 404, "not-found", "there is no %s %.200s here", method, url);
}

const char *request_bearer(const struct request *q)
{
    static const char scheme[] = "Bearer ";
    const char *header = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "Authorization");

    if (header && strncmp(header, scheme, strlen(scheme)) == 0)
        return header + strlen(scheme);
    return header ? header : "";
}

static void check_token(struct request *q)
{
    const char *given = request_bearer(q);
    enum route_token token = q->route->token;
    int64_t id = 0;

    if (token == TOKEN_NONE || (token == TOKEN_MAY && !given[0]))
        return;
    if (token == TOKEN_EVENT)
        id = strtoll(q->param[0], NULL, 10);
    server_lock(q->server);
    q->job = jobs_by_token(q->server, given, id, token == TOKEN_EVENT, &q->refusal);
    server_unlock(q->server);
    if (q->job && token == TOKEN_CAPTURE && strcmp(row_text(q->job, "kind"), "capture") != 0) {
        json_decref(q->job);
        q->job = NULL;
        refuse(&q->refusal, 401, "bad-token", "this token belongs to no capture");
    }
    q->refused = q->job == NULL;
}

static void find_peer(struct request *q)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;

    snprintf(q->peer, sizeof(q->peer), "local");
    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, q->peer, sizeof(q->peer));
}

static struct request *request_begin(const struct httpd *h, struct MHD_Connection *connection, const char *method,
                                     const char *url)
{
    struct request *q = calloc(1, sizeof(*q));

    if (!q)
        return NULL;
    q->path = malloc(strlen(url) + 1);
    if (!q->path) {
        free(q);
        return NULL;
    }
    q->server = h->server;
    q->connection = connection;
    q->started_ms = clock_ms();
    find_peer(q);
    find_route(q, h->routes, method, url);
    if (q->route)
        check_token(q);
    return q;
}

static void request_end(void *cls, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode code)
{
    struct request *q = *state;

    (void)cls;
    (void)connection;
    (void)code;
    if (!q)
        return;
    json_decref(q->job);
    free(q->body);
    free(q->path);
    free(q);
    *state = NULL;
}

/* The announced length saves growing step by step; it is believed no further than the limit. */
static size_t first_room(const struct request *q)
{
    const char *text = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "Content-Length");
    unsigned long long length = text ? strtoull(text, NULL, 10) : 0;

    return length >= 4 * KIB && length <= q->route->limit ? (size_t)length : 4 * KIB;
}

static bool make_room(struct request *q, size_t size)
{
    size_t room = q->room ? 2 * q->room : first_room(q);
    uint8_t *body;

    if (q->size + size <= q->room)
        return true;
    while (room < q->size + size)
        room *= 2;
    body = realloc(q->body, room);
    if (!body)
        return false;
    q->body = body;
    q->room = room;
    return true;
}

/* Returns false when the connection is to be cut: the client is too slow, or sends without end. */
static bool take_body(struct request *q, const char *data, size_t size)
{
    if (clock_ms() - q->started_ms > REQUEST_MS)
        return false;
    if (!q->refused && q->size + size > q->route->limit) {
        refuse(&q->refusal, 413, "too-large", "the body is longer than the %zu bytes that are allowed here",
               q->route->limit);
        q->refused = true;
    }
    if (!q->refused && !make_room(q, size)) {
        refuse(&q->refusal, 500, "internal", "out of memory");
        q->refused = true;
    }
    if (q->refused) {
        q->dropped += size;
        return q->dropped <= DROP_MAX;
    }
    memcpy(q->body + q->size, data, size);
    q->size += size;
    return true;
}

static struct MHD_Response *json_response(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    struct MHD_Response *response =
        text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;

    if (response)
        MHD_add_response_header(response, "Content-Type", "application/json");
    else
        free(text);
    return response;
}

static enum MHD_Result send_reply(struct request *q, struct reply *reply)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    if (reply->json) {
        response = json_response(reply->json);
        json_decref(reply->json);
    } else {
        response = MHD_create_response_from_fd(reply->size, reply->fd);
        if (!response)
            close(reply->fd);
        else
            MHD_add_response_header(response, "Content-Type", reply->type);
    }
    if (!response)
        return MHD_NO;
    result = MHD_queue_response(q->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(struct request *q, const char *method, const char *url)
{
    struct reply reply = {.fd = -1};

    if (!q->refused && q->route->handle(q, &reply, &q->refusal))
        q->refused = true;
    if (q->refused) {
        reply.status = q->refusal.status;
        reply.json = json_pack("{s:{s:s, s:s}}", "error", "code", q->refusal.code, "message", q->refusal.message);
        log_line("refused %s %.200s from %s: %d %s: %s", method, url, q->peer, q->refusal.status, q->refusal.code,
                 q->refusal.message);
        if (!reply.json)
            return MHD_NO;
    }
    return send_reply(q, &reply);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **state)
{
    struct request *q = *state;

    (void)version;
    if (!q) {
        *state = request_begin(cls, connection, method, url);
        return *state ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        if (!take_body(q, data, *size))
            return MHD_NO;
        *size = 0;
        return MHD_YES;
    }
    return answer(q, method, url);
}

static void on_log(void *cls, const char *format, va_list args)
{
    char text[512];

    (void)cls;
    vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\n")] = 0;
    log_line("http: %s", text);
}

struct httpd *httpd_start(struct server *s, const struct route *routes, int fd, struct refusal *r)
{
    struct httpd *h = calloc(1, sizeof(*h));

    if (h) {
        h->server = s;
        h->routes = routes;
        h->daemon = MHD_start_daemon(
            MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG, 0, NULL,
            NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_NOTIFY_COMPLETED, request_end,
            NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
    }
    if (h && h->daemon)
        return h;
    free(h);
    refuse(r, 500, "internal", "cannot start serving HTTP");
    return NULL;
}

void httpd_stop(struct httpd *h)
{
    if (!h)
        return;
    MHD_stop_daemon(h->daemon);
    free(h);
}
