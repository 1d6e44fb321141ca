/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/loop.h>
#include <sys/ioctl.h>

#include "agent/kernel/modules.h"

#define CONTROL "/dev/loop-control"
#define WAIT_STEPS 50
#define WAIT_STEP_US (100 * 1000)

int loop_wait_for_node(const char *path)
{
    for (int i = 0; i < WAIT_STEPS; i++) {
        if (!access(path, F_OK))
            return 0;
        usleep(WAIT_STEP_US);
    }
    return -1;
}

static int open_control(void)
{
    int fd = open(CONTROL, O_RDWR | O_CLOEXEC);

    if (fd < 0 && modules_load("loop") && !loop_wait_for_node(CONTROL))
        fd = open(CONTROL, O_RDWR | O_CLOEXEC);
    return fd;
}

int loop_attach(int disk_fd, uint64_t offset, uint64_t size, const char *name, char *ret_path, size_t path_size)
{
    struct loop_config config = {.fd = (unsigned)disk_fd,
                                 .info = {.lo_offset = offset, .lo_sizelimit = size, .lo_flags = LO_FLAGS_AUTOCLEAR}};
    int control = open_control(), fd = -1, number;

    if (control < 0 && modules_load("loop"))
        control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%.60s", name);
    /* Another program may take the free device first. */
    for (int tries = 0; control >= 0 && tries < 10; tries++) {
        number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0)
            break;
        snprintf(ret_path, path_size, "/dev/loop%d", number);
        if (loop_wait_for_node(ret_path) || (fd = open(ret_path, O_RDWR | O_CLOEXEC)) < 0)
            break;
        if (!ioctl(fd, LOOP_CONFIGURE, &config))
            break;
        close(fd);
        fd = -1;
        if (errno != EBUSY)
            break;
    }
    if (control >= 0)
        close(control);
    return fd;
}

int loop_detach(int loop_fd)
{
    int result = fsync(loop_fd) || ioctl(loop_fd, LOOP_CLR_FD) ? -1 : 0, error = errno;

    close(loop_fd);
    errno = error;
    return result;
}
