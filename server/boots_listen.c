/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/boots_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/dhcp_packet.h"
#include "server/boots.h"
#include "server/log.h"

struct boots_listener {
    struct server *server;
    pthread_t thread;
    int udp;
    int stop[2];    /* a pipe; closing its writing end ends the thread */
    int64_t second; /* BOOTS_PER_SECOND counts within it */
    unsigned in_second;
};

static bool too_fast(struct boots_listener *l)
{
    int64_t second = clock_ms() / 1000;

    if (second != l->second) {
        l->second = second;
        l->in_second = 0;
    }
    return ++l->in_second > BOOTS_PER_SECOND;
}

static void take_one(struct boots_listener *l)
{
    uint8_t data[DHCP_PACKET_MAX + 1]; /* one more: what is longer is refused instead of cut */
    struct sockaddr_in peer;
    socklen_t peer_size = sizeof(peer);
    char text[INET_ADDRSTRLEN];
    ssize_t n = recvfrom(l->udp, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *)&peer, &peer_size);

    if (n <= 0 || too_fast(l))
        return;
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof(text));
    boots_take(l->server, data, (size_t)n, text);
}

static void *run(void *listener)
{
    struct boots_listener *l = listener;
    struct pollfd fds[] = {{.fd = l->udp, .events = POLLIN}, {.fd = l->stop[0], .events = POLLIN}};

    while (fds[1].revents == 0) {
        int ready = poll(fds, 2, -1);

        if (ready > 0 && (fds[0].revents & POLLIN))
            take_one(l);
        else if (ready < 0 && errno != EINTR)
            break;
    }
    return NULL;
}

static struct boots_listener *discard(struct boots_listener *l, const char *what)
{
    log_line("no confirmations of boots: %s: %s", what, strerror(errno));
    if (l && l->udp >= 0)
        close(l->udp);
    if (l && l->stop[0] >= 0) {
        close(l->stop[0]);
        close(l->stop[1]);
    }
    free(l);
    return NULL;
}

struct boots_listener *boots_listen(struct server *s, const struct sockaddr_in *address)
{
    struct boots_listener *l = calloc(1, sizeof(*l));

    if (!l)
        return discard(l, "out of memory");
    l->server = s;
    l->stop[0] = -1;
    l->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (l->udp < 0 || bind(l->udp, (const struct sockaddr *)address, sizeof(*address)))
        return discard(l, "cannot listen on the UDP port");
    if (pipe2(l->stop, O_CLOEXEC))
        return discard(l, "pipe");
    errno = pthread_create(&l->thread, NULL, run, l);
    return errno ? discard(l, "cannot start a thread") : l;
}

void boots_listen_stop(struct boots_listener *l)
{
    if (!l)
        return;
    close(l->stop[1]);
    pthread_join(l->thread, NULL);
    close(l->stop[0]);
    close(l->udp);
    free(l);
}
