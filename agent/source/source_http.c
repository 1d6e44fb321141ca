/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file on an HTTP server as a source: the transfer is pulled, so that a slow disk slows the server down and memory
 * stays small. */
#include "agent/source/source_kind.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "agent/net/http.h"
#include "agent/source/source_transfer.h"

#define ROOM ((size_t)256 * 1024)
#define TRIES_MAX 6 /* in a row without a byte */
#define ETAG_MAX 128

struct source_http {
    const struct progress *progress;
    char *url;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    uint8_t data[ROOM];
    size_t begin, end; /* what is in `data` and not taken yet */
    bool paused, over;
    CURLcode code;
    uint64_t position, size; /* taken; of the whole file, or SOURCE_SIZE_UNKNOWN */
    uint64_t part_start;     /* where the answer begins that takes up a broken transfer, as the server says */
    unsigned tries;
    char etag[ETAG_MAX]; /* of the first answer: what is taken up again must be the same file */
    char error[CURL_ERROR_SIZE];
};

static int cancelled(const struct source_http *s, struct failure *f)
{
    if (s->progress->cancelled && s->progress->cancelled(s->progress->arg))
        return fail(f, "cancelled", "cancelled while %.200s was read", s->url);
    return 0;
}

static size_t take(char *data, size_t one, size_t size, void *arg)
{
    struct source_http *s = arg;

    size *= one;
    if (size > ROOM - s->end) {
        s->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(s->data + s->end, data, size);
    s->end += size;
    return size;
}

/* The value of the header `name` (with its colon) in a line, trimmed, or false. */
static bool header_value(const char *line, size_t length, const char *name, char *ret, size_t size)
{
    size_t start = strlen(name);

    if (length <= start || strncasecmp(line, name, start))
        return false;
    while (start < length && line[start] == ' ')
        start++;
    while (length > start && (line[length - 1] == '\r' || line[length - 1] == '\n'))
        length--;
    if (length - start >= size)
        return false;
    snprintf(ret, size, "%.*s", (int)(length - start), line + start);
    return true;
}

static size_t take_header(char *data, size_t one, size_t size, void *arg)
{
    struct source_http *s = arg;
    char range[80];

    if (!s->position)
        header_value(data, one * size, "etag:", s->etag, sizeof(s->etag));
    else if (header_value(data, one * size, "content-range:", range, sizeof(range)) &&
             sscanf(range, "bytes %" SCNu64 "-", &s->part_start) != 1)
        s->part_start = UINT64_MAX;
    return one * size;
}

/* Begins the transfer at s->position. */
static int begin(struct source_http *s, struct failure *f)
{
    char range[32], condition[ETAG_MAX + 16];

    s->begin = s->end = 0;
    s->paused = s->over = false;
    curl_easy_reset(s->easy);
    source_transfer_set(s->easy, s->url, s->error);
    curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
    curl_slist_free_all(s->headers);
    s->headers = NULL;
    if (s->position) {
        snprintf(range, sizeof(range), "%" PRIu64 "-", s->position);
        curl_easy_setopt(s->easy, CURLOPT_RANGE, range);
        snprintf(condition, sizeof(condition), "If-Range: %s", s->etag);
        if (s->etag[0])
            s->headers = curl_slist_append(NULL, condition);
        curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
    }
    s->part_start = UINT64_MAX;
    curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
    if (curl_multi_add_handle(s->multi, s->easy) != CURLM_OK)
        return fail(f, "out-of-memory", "no memory to read %.200s", s->url);
    return 0;
}

/* Lets libcurl work until there are bytes or the transfer is over. */
static int pump(struct source_http *s, struct failure *f)
{
    int running = 0, left;
    CURLMsg *message;

    while (s->begin == s->end && !s->over) {
        s->begin = s->end = 0;
        if (s->paused) {
            s->paused = false;
            curl_easy_pause(s->easy, CURLPAUSE_CONT);
        }
        if (curl_multi_perform(s->multi, &running) != CURLM_OK)
            return fail(f, "out-of-memory", "no memory to read %.200s", s->url);
        while ((message = curl_multi_info_read(s->multi, &left)))
            if (message->msg == CURLMSG_DONE) {
                s->over = true;
                s->code = message->data.result;
            }
        if (cancelled(s, f))
            return -1;
        if (s->begin == s->end && !s->over)
            curl_multi_poll(s->multi, NULL, 0, 500, NULL);
    }
    return 0;
}

static bool is_part(const struct source_http *s)
{
    long status = 0;

    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    return status == 206 && s->part_start == s->position;
}

static int pause_before_retry(struct source_http *s, struct failure *f)
{
    unsigned seconds = 1u << s->tries;
    char text[sizeof(f->message) + 64];

    snprintf(text, sizeof(text), "%s; going on at byte %" PRIu64 " in %u s", f->message, s->position, seconds);
    if (s->progress->note)
        s->progress->note(s->progress->arg, text);
    for (unsigned i = 0; i < seconds * 4; i++) {
        if (cancelled(s, f))
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = 250000000L}, NULL);
    }
    return 0;
}

/* The transfer has broken off. Returns 0 when it goes on. */
static int take_up_again(struct source_http *s, struct failure *f)
{
    source_transfer_fail(s->easy, s->url, s->code, s->error, f);
    if (s->code == CURLE_HTTP_RETURNED_ERROR || ++s->tries > TRIES_MAX || pause_before_retry(s, f))
        return -1;
    curl_multi_remove_handle(s->multi, s->easy);
    return begin(s, f);
}

static long http_read(void *self, void *ret, size_t size, struct failure *f)
{
    struct source_http *s = self;

    for (;;) {
        if (pump(s, f))
            return -1;
        if (s->begin < s->end)
            break;
        if (s->code == CURLE_OK && (s->size == SOURCE_SIZE_UNKNOWN || s->position >= s->size))
            return 0;
        if (s->code == CURLE_OK)
            s->code = CURLE_PARTIAL_FILE;
        if (take_up_again(s, f))
            return -1;
    }
    if (s->tries && s->position && !is_part(s))
        return fail(f, "server",
                    "%.200s: the transfer broke off at byte %" PRIu64 ", and the server cannot go on there", s->url,
                    s->position);
    s->tries = 0;
    if (size > s->end - s->begin)
        size = s->end - s->begin;
    memcpy(ret, s->data + s->begin, size);
    s->begin += size;
    s->position += size;
    return (long)size;
}

static int http_read_at(void *self, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    const struct source_http *s = self;

    return size ? source_transfer_part(s->url, offset, ret, size, f) : 0;
}

static void http_close_source(void *self)
{
    struct source_http *s = self;

    if (s->multi && s->easy)
        curl_multi_remove_handle(s->multi, s->easy);
    if (s->easy)
        curl_easy_cleanup(s->easy);
    if (s->multi)
        curl_multi_cleanup(s->multi);
    curl_slist_free_all(s->headers);
    free(s->url);
    free(s);
}

/* The first bytes come before the caller does anything that cannot be undone. */
static int first_bytes(struct source_http *s, struct failure *f)
{
    curl_off_t length = -1;

    if (begin(s, f) || pump(s, f))
        return -1;
    if (s->over && s->code != CURLE_OK)
        return source_transfer_fail(s->easy, s->url, s->code, s->error, f);
    curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    s->size = length < 0 ? SOURCE_SIZE_UNKNOWN : (uint64_t)length;
    return 0;
}

static void *http_open_source(const char *where, const struct progress *p, uint64_t *ret_size, struct failure *f)
{
    struct source_http *s = calloc(1, sizeof(*s));

    http_prepare(where);
    if (s) {
        s->progress = p;
        s->url = strdup(where);
        s->multi = curl_multi_init();
        s->easy = curl_easy_init();
    }
    if (!s || !s->url || !s->multi || !s->easy)
        fail(f, "out-of-memory", "no memory to read %.200s", where);
    else if (!first_bytes(s, f)) {
        *ret_size = s->size;
        return s;
    }
    if (s)
        http_close_source(s);
    return NULL;
}

const struct source_kind source_http_kind = {
    .open = http_open_source, .close = http_close_source, .read = http_read, .read_at = http_read_at};
