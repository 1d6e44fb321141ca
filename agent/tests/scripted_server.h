/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An HTTP server that says what a test has written down, answer by answer, and remembers what it was asked. */
#ifndef SLIPWAY_AGENT_TESTS_SCRIPTED_SERVER_H
#define SLIPWAY_AGENT_TESTS_SCRIPTED_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUESTS_MAX 64

struct scripted_server {
    int listener;
    pthread_t thread;
    char url[40];
    /* Raw answers in order; a NULL closes the connection without one. After the last, `rest` is given for ever. */
    const char *const *answers;
    unsigned answer_count;
    const char *rest;
    unsigned delay_ms;
    pthread_mutex_t lock;
    char *requests[REQUESTS_MAX];
    unsigned request_count;
};

/* Reads one request with its body. Returns a string to free(), or NULL at the end of the connection. */
static char *scripted_read(int fd)
{
    size_t used = 0, room = 1 << 20, length = 0;
    char *text = malloc(room), *end = NULL, *header;
    ssize_t n;

    for (;;) {
        if (end && used >= (size_t)(end + 4 - text) + length)
            return text;
        n = read(fd, text + used, room - used - 1);
        if (n <= 0)
            break;
        used += (size_t)n;
        text[used] = '\0';
        end = strstr(text, "\r\n\r\n");
        header = strcasestr(text, "Content-Length:");
        length = header && end && header < end ? strtoul(header + 15, NULL, 10) : 0;
    }
    free(text);
    return NULL;
}

static const char *scripted_next(struct scripted_server *s, char *request)
{
    const char *answer;

    pthread_mutex_lock(&s->lock);
    answer = s->request_count < s->answer_count ? s->answers[s->request_count] : s->rest;
    if (s->request_count < REQUESTS_MAX)
        s->requests[s->request_count++] = request;
    else
        free(request);
    pthread_mutex_unlock(&s->lock);
    return answer;
}

static void *scripted_connection(void *arg)
{
    struct scripted_server *s = *(struct scripted_server **)arg;
    int fd = ((int *)arg)[sizeof(void *) / sizeof(int)];
    const char *answer;
    char *request;

    free(arg);
    while ((request = scripted_read(fd))) {
        answer = scripted_next(s, request);
        usleep(s->delay_ms * 1000);
        if (!answer || write(fd, answer, strlen(answer)) < 0 || strstr(answer, "Connection: close"))
            break;
    }
    close(fd);
    return NULL;
}

static void *scripted_run(void *arg)
{
    struct scripted_server *s = arg;
    struct {
        struct scripted_server *s;
        int fd;
    } * connection;
    pthread_t thread;
    int fd;

    while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
        connection = malloc(sizeof(*connection));
        connection->s = s;
        connection->fd = fd;
        pthread_create(&thread, NULL, scripted_connection, connection);
        pthread_detach(thread);
    }
    return NULL;
}

static inline void scripted_start(struct scripted_server *s, const char *const *answers, unsigned count,
                                  const char *rest)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(a);

    memset(s, 0, sizeof(*s));
    s->answers = answers;
    s->answer_count = count;
    s->rest = rest;
    pthread_mutex_init(&s->lock, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->listener, (struct sockaddr *)&a, size) != 0 || listen(s->listener, 8) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&a, &size) != 0)
        abort();
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", ntohs(a.sin_port));
    pthread_create(&s->thread, NULL, scripted_run, s);
}

static inline void scripted_stop(struct scripted_server *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
    usleep(50000); /* connections end when their clients have closed them */
    for (unsigned i = 0; i < s->request_count; i++)
        free(s->requests[i]);
}

#define SCRIPTED_JSON(status, length, body)                                                                            \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nContent-Length: " #length "\r\n\r\n" body

#endif
