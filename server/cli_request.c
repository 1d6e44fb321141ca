/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)256 * 1024 * 1024)

struct answer {
    char *data;
    size_t size;
    FILE *to; /* where a good answer goes instead; NULL: it is kept */
    CURL *curl;
};

int cli_fail(int status, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    }
    fprintf(stderr, "slipway: %s\n", text);
    return status;
}

char *cli_path(const char *kind, const char *name, const char *verb)
{
    char *escaped = curl_easy_escape(NULL, name, 0), *path = NULL;

    if (escaped && asprintf(&path, "/admin/v1/%s/%s%s%s", kind, escaped, verb ? "/" : "", verb ? verb : "") < 0)
        path = NULL;
    curl_free(escaped);
    return path;
}

static size_t take(char *data, size_t one, size_t size, void *arg)
{
    struct answer *a = arg;
    long status = 0;
    char *grown;

    if (a->to)
        curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
    if (a->to && status < 400)
        return fwrite(data, one, size, a->to);
    if (a->size + size > ANSWER_MAX)
        return 0;
    grown = realloc(a->data, a->size + size + 1);
    if (!grown)
        return 0;
    memcpy(grown + a->size, data, one * size);
    a->data = grown;
    a->size += size;
    return size;
}

static CURLcode perform(CURL *curl, const struct cli *c, const char *method, const char *path, const char *body,
                        struct answer *answer)
{
    char *url = NULL;
    CURLcode rc = CURLE_OUT_OF_MEMORY;

    if (asprintf(&url, "http://slipwayd%s", path) < 0)
        return rc;
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, c->socket);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    rc = curl_easy_perform(curl);
    free(url);
    return rc;
}

/* The answer as JSON; after a refusal NULL, and the server's sentence on stderr. */
static json_t *read_answer(long status, const struct answer *a)
{
    json_t *json = a->data ? json_loadb(a->data, a->size, 0, NULL) : NULL;
    json_t *error = json_object_get(json, "error");

    if (json && status < 400)
        return json;
    if (error && json_string_value(json_object_get(error, "message")))
        cli_fail(CLI_FAILED, "%s", json_string_value(json_object_get(error, "message")));
    else
        cli_fail(CLI_FAILED, "slipwayd answered %ld with something that is not its protocol", status);
    json_decref(json);
    return NULL;
}

int cli_download(const struct cli *c, const char *path, FILE *to)
{
    CURL *curl = path ? curl_easy_init() : NULL;
    struct answer answer = {.to = to};
    long status = 0;
    CURLcode rc;

    if (!curl)
        return cli_fail(CLI_FAILED, "out of memory");
    answer.curl = curl;
    rc = perform(curl, c, "GET", path, NULL, &answer);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    if (rc)
        cli_fail(CLI_FAILED, "talking to slipwayd on %s: %s", c->socket, curl_easy_strerror(rc));
    else if (status >= 400)
        json_decref(read_answer(status, &answer));
    free(answer.data);
    return rc || status >= 400 ? CLI_FAILED : 0;
}

json_t *cli_request(const struct cli *c, const char *method, const char *path, json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    CURL *curl = path && !body == !text ? curl_easy_init() : NULL;
    struct answer answer = {0};
    json_t *json = NULL;
    long status = 0;
    CURLcode rc;

    json_decref(body);
    if (!curl) {
        cli_fail(CLI_FAILED, "out of memory");
        free(text);
        return NULL;
    }
    rc = perform(curl, c, method, path, text, &answer);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (rc == CURLE_COULDNT_CONNECT)
        cli_fail(CLI_FAILED, "no slipwayd answers on %s (is it running, and may you use the socket?)", c->socket);
    else if (rc)
        cli_fail(CLI_FAILED, "talking to slipwayd on %s: %s", c->socket, curl_easy_strerror(rc));
    else
        json = read_answer(status, &answer);
    curl_easy_cleanup(curl);
    free(answer.data);
    free(text);
    return json;
}

int cli_finish(const struct cli *c, json_t *answer, void (*show)(const json_t *answer))
{
    if (!answer)
        return CLI_FAILED;
    if (c->json) {
        json_dumpf(answer, stdout, JSON_INDENT(1));
        putchar('\n');
    } else if (show) {
        show(answer);
    }
    json_decref(answer);
    return fflush(stdout) ? cli_fail(CLI_FAILED, "cannot write the answer") : 0;
}
