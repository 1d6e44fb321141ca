/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/automation/finish.h"
#include "agent/base/console.h"

#define READING_SECONDS 60
#define KLOG_CONSOLE_LEVEL 8
#define KLOG_ERRORS_ONLY 4

static const struct {
    const char *type, *target;
    unsigned long flags;
} mounts[] = {
    {"devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC},
    {"proc", "/proc", MS_NOSUID | MS_NOEXEC | MS_NODEV},
    {"sysfs", "/sys", MS_NOSUID | MS_NOEXEC | MS_NODEV},
    {"tmpfs", "/run", MS_NOSUID | MS_NODEV},
    {"tmpfs", "/tmp", MS_NOSUID | MS_NODEV},
};

/* Returns the type that failed, for a message that has to wait for a console; NULL when all went well. */
static const char *mount_all(void)
{
    const char *failed = NULL;

    for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
        mkdir(mounts[i].target, 0755);
        if (mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, NULL) != 0 && errno != EBUSY)
            failed = mounts[i].type;
    }
    mkdir("/etc", 0755);
    return failed;
}

/* Files that are opened later must not become anybody's standard output. */
static void fill_standard_descriptors(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd < 2);
    if (fd > 2)
        close(fd);
}

/* The kernel runs this program as its modprobe: card drivers and file systems ask for their helpers that way. */
static void serve_module_requests(void)
{
    int fd = open("/proc/sys/kernel/modprobe", O_WRONLY | O_CLOEXEC);
    char path[128];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

    if (fd < 0 || n <= 0 || write(fd, path, (size_t)n) != n)
        console_line("the kernel's own requests for modules will not be served");
    if (fd >= 0)
        close(fd);
}

void init_start(void)
{
    const char *failed = mount_all();

    fill_standard_descriptors();
    console_add_active();
    console_timestamps(true);
    klogctl(KLOG_CONSOLE_LEVEL, NULL, KLOG_ERRORS_ONLY);
    console_line("Slipway " SLIPWAY_VERSION " automation");
    if (failed)
        console_alert("cannot mount %s", failed);
    umask(022);
    serve_module_requests();
}

void init_reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

void init_fatal(const char *message)
{
    console_alert("automation cannot go on: %s", message);
    console_alert("this machine restarts in %d s", READING_SECONDS);
    nanosleep(&(struct timespec){.tv_sec = READING_SECONDS}, NULL);
    finish_machine(FINISH_REBOOT);
}
