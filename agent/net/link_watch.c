/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/link_watch.h"

#include <pthread.h>
#include <time.h>

#include "agent/base/console.h"

static void *watch(void *arg)
{
    const struct net_interface *interface = arg;
    const struct timespec second = {.tv_sec = 1};
    bool had_link = true;

    for (;;) {
        bool has_link = net_interface_has_link(interface->name);
        if (had_link && !has_link)
            console_alert("no link on %s: check the cable and the switch; the work goes on when it is back",
                          interface->name);
        else if (has_link && !had_link)
            console_line("network: %s, link is back", interface->name);
        had_link = has_link;
        nanosleep(&second, NULL);
    }
    return NULL;
}

void link_watch_start(const struct net_interface *interface)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, watch, (void *)interface) == 0)
        pthread_detach(thread);
}
