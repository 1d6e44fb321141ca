/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "agent/base/buffer.h"
#include "agent/base/clock.h"
#include "agent/net/http_error.h"
#include "agent/net/http_trust.h"

#define CONNECT_SECONDS 10
#define PAUSE_MAX_SECONDS 30

struct http {
    CURL *curl;
    char *base;
    char authorization[160];
    unsigned retry_seconds;
    int (*notice)(void *arg, const char *message, unsigned pause_seconds);
    void *notice_arg;
};

struct answer {
    struct buffer *body;
    size_t limit;
    bool too_long, out_of_memory;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

/* TLS is set up only where it is wanted: its random numbers would hold a machine without entropy for a second. */
static void curl_begin_plain(void)
{
    curl_global_init(CURL_GLOBAL_NOTHING);
}

static void curl_begin_tls(void)
{
    curl_global_init(CURL_GLOBAL_SSL);
}

bool http_is_url(const char *text)
{
    return !strncmp(text, "http://", 7) || !strncmp(text, "https://", 8);
}

void http_prepare(const char *base)
{
    pthread_once(&curl_once, strncmp(base, "https:", 6) == 0 ? curl_begin_tls : curl_begin_plain);
}

struct http *http_open(const char *base, const char *token, unsigned retry_seconds)
{
    struct http *h;

    http_prepare(base);
    h = calloc(1, sizeof(*h));
    if (!h)
        return NULL;
    h->retry_seconds = retry_seconds;
    h->base = strdup(base);
    h->curl = curl_easy_init();
    if (!h->base || !h->curl) {
        http_close(h);
        return NULL;
    }
    if (token)
        snprintf(h->authorization, sizeof(h->authorization), "Authorization: Bearer %s", token);
    return h;
}

void http_close(struct http *h)
{
    if (!h)
        return;
    if (h->curl)
        curl_easy_cleanup(h->curl);
    free(h->base);
    free(h);
}

void http_on_retry(struct http *h, int (*notice)(void *arg, const char *message, unsigned pause_seconds), void *arg)
{
    h->notice = notice;
    h->notice_arg = arg;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
    struct answer *a = arg;

    size *= count;
    if (size > a->limit - a->body->size) {
        a->too_long = true;
        return 0;
    }
    if (!buffer_append(a->body, data, size)) {
        a->out_of_memory = true;
        return 0;
    }
    return size;
}

/* A server that says nothing for `timeout_seconds` is taken for dead; a slow one that goes on is not. */
static void set_options(struct http *h, const char *url, const char *method, const void *body, size_t body_size,
                        unsigned timeout_seconds, struct answer *a, struct curl_slist *headers, char *error)
{
    CURL *c = h->curl;

    curl_easy_reset(c); /* keeps the connection */
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_USERAGENT, "slipway-agent/" SLIPWAY_VERSION);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
                     (long)(timeout_seconds < CONNECT_SECONDS ? timeout_seconds : CONNECT_SECONDS));
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)timeout_seconds);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    if (!strncmp(url, "https:", 6))
        http_trust(c);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
    if (strcmp(method, "GET") != 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_size);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body ? body : "");
    }
}

static struct curl_slist *make_headers(const struct http *h, bool json)
{
    struct curl_slist *list = NULL;

    /* Without this libcurl waits a second for "100 Continue" before each chunk. */
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(list, json ? "Content-Type: application/json" : "Content-Type: application/octet-stream");
    if (h->authorization[0])
        list = curl_slist_append(list, h->authorization);
    return list;
}

/* libcurl, built small, says no more than "Error" where the kernel knows why. */
static int fail_transfer(struct http *h, CURLcode code, const char *text, struct failure *f)
{
    long error = 0;

    curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &error);
    if (code == CURLE_COULDNT_CONNECT && error != 0)
        return fail(f, "server", "server %s: cannot connect: %s", h->base, strerror((int)error));
    if (http_is_distrust(code))
        return fail(f, "server", "server %.100s: " HTTP_DISTRUST_TEXT ": %.200s", h->base, text);
    return fail(f, "server", "server %s: %s", h->base, text[0] ? text : curl_easy_strerror(code));
}

/* One try. Returns the status, or -1 with *f; *ret_final tells that another try cannot help. */
static int try_once(struct http *h, const char *url, const char *method, const void *body, size_t body_size,
                    size_t limit, unsigned timeout_seconds, struct buffer *ret, bool *ret_final, struct failure *f)
{
    struct answer a = {.body = ret, .limit = limit};
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = make_headers(h, strcmp(method, "POST") == 0);
    CURLcode code;
    long status = 0;

    ret->size = 0;
    set_options(h, url, method, body, body_size, timeout_seconds, &a, headers, error);
    code = curl_easy_perform(h->curl);
    curl_slist_free_all(headers);
    *ret_final = a.too_long || a.out_of_memory || code == CURLE_OUT_OF_MEMORY || code == CURLE_URL_MALFORMAT ||
                 code == CURLE_UNSUPPORTED_PROTOCOL || http_is_distrust(code);
    if (a.too_long)
        return fail(f, "server", "the answer of %s to %s is longer than %zu bytes", h->base, method, limit);
    if (a.out_of_memory || code == CURLE_OUT_OF_MEMORY)
        return fail(f, "out-of-memory", "no memory for the answer of %s", h->base);
    if (code != CURLE_OK)
        return fail_transfer(h, code, error, f);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400)
        http_error_parse((int)status, h->base, ret, f);
    return (int)status;
}

static bool worth_another_try(int status)
{
    return status < 0 || (status >= 500 && status != 507);
}

int http_request(struct http *h, const char *method, const char *path, const void *body, size_t body_size, size_t limit,
                 unsigned timeout_seconds, struct buffer *ret, struct failure *f)
{
    uint64_t begin = clock_ms();
    unsigned pause = 1;
    char url[1024];
    bool final = false;
    int status;

    if ((size_t)snprintf(url, sizeof(url), "%s%s", h->base, path) >= sizeof(url))
        return fail(f, "internal", "the address %.64s... is too long", path);
    for (;;) {
        status = try_once(h, url, method, body, body_size, limit, timeout_seconds, ret, &final, f);
        if (final || !worth_another_try(status))
            return status;
        if (h->retry_seconds != (unsigned)-1 && clock_ms() - begin + pause * 1000ull > h->retry_seconds * 1000ull)
            return status;
        if (h->notice && h->notice(h->notice_arg, f->message, pause) != 0)
            return fail(f, "cancelled", "cancelled while the server did not answer");
        nanosleep(&(struct timespec){.tv_sec = pause}, NULL);
        pause = pause * 2 < PAUSE_MAX_SECONDS ? pause * 2 : PAUSE_MAX_SECONDS;
    }
}
