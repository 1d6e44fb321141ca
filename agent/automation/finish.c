/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/finish.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/console.h"

static const char *announcement(enum job_finish how)
{
    switch (how) {
    case FINISH_POWEROFF:
        return "powering off";
    case FINISH_KEXEC:
        return "starting the production system's kernel";
    default:
        return "restarting into production";
    }
}

/* A card that goes on receiving would write into the memory of the next kernel. */
static void stop_network(void)
{
    struct if_nameindex *list = if_nameindex();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    for (struct if_nameindex *i = list; i && i->if_index; i++) {
        struct ifreq r = {0};
        memcpy(r.ifr_name, i->if_name, strnlen(i->if_name, sizeof(r.ifr_name) - 1));
        if (ioctl(fd, SIOCGIFFLAGS, &r) != 0)
            continue;
        r.ifr_flags &= (short)~IFF_UP;
        ioctl(fd, SIOCSIFFLAGS, &r);
    }
    close(fd);
    if (list)
        if_freenameindex(list);
}

static void start_loaded_kernel(void)
{
    stop_network();
    reboot(RB_KEXEC);
    console_alert("the kernel refuses kexec: %s; this machine restarts instead", strerror(errno));
}

void finish_machine(enum job_finish how)
{
    if (how != FINISH_HOLD) {
        console_line("%s", announcement(how));
        sync();
        console_drain();
        if (how == FINISH_KEXEC)
            start_loaded_kernel();
        reboot(how == FINISH_POWEROFF ? RB_POWER_OFF : RB_AUTOBOOT);
        console_alert("the kernel refuses: %s; switch this machine off and on by hand", strerror(errno));
    }
    for (;;)
        pause();
}
