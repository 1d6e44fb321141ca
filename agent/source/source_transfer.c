/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/source_transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/net/http_trust.h"

#define CONNECT_SECONDS 10
#define SILENT_SECONDS 60

void source_transfer_set(CURL *c, const char *url, char *error)
{
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_USERAGENT, "slipway-agent/" SLIPWAY_VERSION);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    http_trust(c);
}

int source_transfer_fail(CURL *c, const char *url, CURLcode code, const char *error, struct failure *f)
{
    long status = 0;

    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (status == 404 || status == 410)
        return fail(f, "no-such-image", "%.250s: the server has no such file (%ld)", url, status);
    if (status >= 400)
        return fail(f, "server", "%.250s: the server answered %ld", url, status);
    if (http_is_distrust(code))
        return fail(f, "server", "%.200s: " HTTP_DISTRUST_TEXT ": %.100s", url, error);
    return fail(f, "server", "%.250s: %s", url, error[0] ? error : curl_easy_strerror(code));
}

struct part {
    uint8_t *at;
    size_t left;
    CURL *easy;
};

/* The whole file instead of the part would be cut here. */
static size_t take_part(char *data, size_t one, size_t size, void *arg)
{
    struct part *p = arg;
    long status = 0;

    size *= one;
    curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 206 || size > p->left)
        return 0;
    memcpy(p->at, data, size);
    p->at += size;
    p->left -= size;
    return size;
}

int source_transfer_part(const char *url, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    struct part p = {.at = ret, .left = size, .easy = curl_easy_init()};
    char range[64], error[CURL_ERROR_SIZE] = "";
    long status = 0;
    CURLcode code;
    int result;

    if (!p.easy)
        return fail(f, "out-of-memory", "no memory to read %.200s", url);
    source_transfer_set(p.easy, url, error);
    snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, offset, offset + size - 1);
    curl_easy_setopt(p.easy, CURLOPT_RANGE, range);
    curl_easy_setopt(p.easy, CURLOPT_WRITEFUNCTION, take_part);
    curl_easy_setopt(p.easy, CURLOPT_WRITEDATA, &p);
    code = curl_easy_perform(p.easy);
    curl_easy_getinfo(p.easy, CURLINFO_RESPONSE_CODE, &status);
    result = code == CURLE_OK && status == 206 && p.left == 0 ? 0 : -1;
    if (result && (status == 200 || (code == CURLE_OK && p.left)))
        fail(f, "server", "%.200s: this server does not send parts of a file, which this format needs", url);
    else if (result)
        source_transfer_fail(p.easy, url, code, error, f);
    curl_easy_cleanup(p.easy);
    return result;
}
