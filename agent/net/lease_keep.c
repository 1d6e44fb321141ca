/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/lease_keep.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/net/dhcp.h"
#include "core/dhcp_lease.h"

#define POLL_MAX_MS 60000

struct keeper {
    int fd;
    struct dhcp_lease lease;
    struct dhcp_lease_output out;
};

/* The clock goes on while a machine sleeps, as the lease does. */
static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void tell(const struct keeper *k)
{
    const uint8_t *a = k->lease.address.b, *s = k->lease.server.b;

    if (k->out.news == LEASE_REFUSED)
        console_alert(
            "network: the DHCP server %u.%u.%u.%u says that %u.%u.%u.%u is not this machine's; going on with it", s[0],
            s[1], s[2], s[3], a[0], a[1], a[2], a[3]);
    else if (k->out.news == LEASE_EXPIRED)
        console_alert("network: no DHCP server has extended the lease of %u.%u.%u.%u, which is over; going on with it",
                      a[0], a[1], a[2], a[3]);
}

/* What is lost is sent again. */
static void take_output(struct keeper *k)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT)};

    memcpy(&to.sin_addr, k->out.dst.b, 4);
    tell(k);
    if (k->out.packet_size &&
        sendto(k->fd, k->out.packet, k->out.packet_size, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
        return;
}

static void receive(struct keeper *k)
{
    struct sockaddr_in from;
    socklen_t from_size = sizeof(from);
    uint8_t packet[DHCP_PACKET_MAX + 1];
    struct ip4 src;
    ssize_t n = recvfrom(k->fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &from_size);

    if (n <= 0 || from_size < sizeof(from))
        return;
    memcpy(src.b, &from.sin_addr, 4);
    dhcp_lease_packet(&k->lease, src, packet, (size_t)n, &k->out);
    take_output(k);
}

static void *keep(void *arg)
{
    struct keeper *k = arg;
    uint64_t now, wait;

    while (k->lease.state != LEASE_LEFT) {
        struct pollfd p = {.fd = k->fd, .events = POLLIN};

        now = now_ms();
        wait = k->lease.wake_ms > now ? k->lease.wake_ms - now : 0;
        if (poll(&p, 1, wait < POLL_MAX_MS ? (int)wait : POLL_MAX_MS) > 0)
            receive(k);
        if (now_ms() < k->lease.wake_ms)
            continue;
        dhcp_lease_timer(&k->lease, now_ms(), &k->out);
        take_output(k);
    }
    close(k->fd);
    free(k);
    return NULL;
}

static int open_socket(const char *interface)
{
    const struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(DHCP_CLIENT_PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

    if (fd < 0 || (!setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) &&
                   !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) &&
                   !bind(fd, (const struct sockaddr *)&here, sizeof(here))))
        return fd;
    close(fd);
    return -1;
}

void lease_keep_start(const struct net *net)
{
    struct keeper *k = calloc(1, sizeof(*k));
    pthread_t thread;

    if (!k || (k->fd = open_socket(net->interface.name)) < 0) {
        console_alert("network: the lease will not be extended: %s", strerror(errno));
        free(k);
        return;
    }
    dhcp_lease_start(&k->lease, net->config.address, net->config.dhcp_server,
                     net->handed ? 0 : net->config.lease_seconds, net->interface.mac, dhcp_random(net->interface.mac),
                     now_ms(), &k->out);
    take_output(k);
    if (pthread_create(&thread, NULL, keep, k) == 0) {
        pthread_detach(thread);
        return;
    }
    close(k->fd);
    free(k);
}
