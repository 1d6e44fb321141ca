/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/job_upload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/net/http.h"

#define PIECE ((size_t)1 << 20)
#define ANSWER_LIMIT 4096
#define ANSWER_SECONDS 60

static int send_piece(struct http *h, const struct step_work *w, const char *name, uint64_t offset, bool last,
                      const void *data, size_t size, struct failure *f)
{
    struct buffer answer = {0};
    char path[200];
    int status;

    snprintf(path, sizeof(path), "/v1/jobs/%llu/files/%s?offset=%llu%s", (unsigned long long)w->job->id, name,
             (unsigned long long)offset, last ? "&last=1" : "");
    status = http_request(h, "PUT", path, data, size, ANSWER_LIMIT, ANSWER_SECONDS, &answer, f);
    free(answer.data);
    if (status == 200)
        return 0;
    return status > 0 && status < 400 ? fail(f, "server", "the server answered with HTTP status %d", status) : -1;
}

static struct http *open_server(const struct step_work *w, struct failure *f)
{
    struct http *h = http_open(w->server, w->job->token, UINT_MAX);

    if (h)
        http_on_retry(h, w->notice, w->notice_arg);
    else
        fail(f, "out-of-memory", "no memory to send a file");
    return h;
}

int job_upload(const struct step_work *w, const char *name, const void *data, size_t size, struct failure *f)
{
    struct http *h = open_server(w, f);
    size_t offset = 0, n;
    int result = h ? 0 : -1;

    do {
        n = size - offset < PIECE ? size - offset : PIECE;
        if (!result)
            result = send_piece(h, w, name, offset, offset + n == size, (const uint8_t *)data + offset, n, f);
        offset += n;
    } while (!result && offset < size);
    http_close(h);
    return result;
}

/* Fills a piece but for the last one. Returns its size, or -1 with errno. */
static ssize_t read_piece(int fd, uint8_t *data)
{
    size_t size = 0;
    ssize_t n;

    while (size < PIECE && (n = read(fd, data + size, PIECE - size)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        size += (size_t)n;
    }
    return (ssize_t)size;
}

int job_upload_fd(const struct step_work *w, const char *name, int fd, struct failure *f)
{
    struct http *h = open_server(w, f);
    uint8_t *data = malloc(PIECE);
    uint64_t offset = 0;
    ssize_t n = (ssize_t)PIECE;
    int result = h ? 0 : -1;

    if (h && !data)
        result = fail(f, "out-of-memory", "no memory to send a file");
    while (!result && n == (ssize_t)PIECE) {
        n = read_piece(fd, data);
        if (n < 0)
            result = fail(f, "file", "cannot read the file for %s: %s", name, strerror(errno));
        else
            result = send_piece(h, w, name, offset, n < (ssize_t)PIECE, data, (size_t)n, f);
        offset += PIECE;
    }
    free(data);
    http_close(h);
    return result;
}
