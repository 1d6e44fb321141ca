/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/finish.h"

#include <errno.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "agent/console.h"

void finish_machine(enum job_finish how)
{
    if (how != FINISH_HOLD) {
        console_line(how == FINISH_REBOOT ? "restarting into production" : "powering off");
        sync();
        console_drain();
        reboot(how == FINISH_REBOOT ? RB_AUTOBOOT : RB_POWER_OFF);
        console_alert("the kernel refuses: %s; switch this machine off and on by hand", strerror(errno));
    }
    for (;;)
        pause();
}
