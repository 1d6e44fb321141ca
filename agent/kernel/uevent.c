/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/uevent.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#define RECEIVE_BYTES (1 << 20)
#define KERNEL_GROUP 1

int uevent_open(void)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    int bytes = RECEIVE_BYTES;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool uevent_modalias(const char *message, size_t message_size, char *ret, size_t size)
{
    const char *end = message + message_size, *modalias = NULL;
    bool added = false;
    size_t length;

    for (; message < end; message += length + 1) {
        length = strnlen(message, (size_t)(end - message));
        if (length == strlen("ACTION=add") && memcmp(message, "ACTION=add", length) == 0)
            added = true;
        if (length > 9 && length - 9 < size && memcmp(message, "MODALIAS=", 9) == 0) {
            modalias = ret;
            memcpy(ret, message + 9, length - 9);
            ret[length - 9] = '\0';
        }
    }
    return added && modalias;
}

bool uevent_read(int fd, char *ret, size_t size)
{
    char message[8192];
    struct sockaddr_nl from = {0};
    socklen_t from_size = sizeof(from);
    ssize_t n = recvfrom(fd, message, sizeof(message), 0, (struct sockaddr *)&from, &from_size);

    return n > 0 && from.nl_pid == 0 && uevent_modalias(message, (size_t)n, ret, size);
}
