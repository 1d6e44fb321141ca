/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/protocol/server_notice.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "agent/base/console.h"

void server_notice(const char *message, unsigned pause_seconds)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static time_t quiet_until;
    struct timespec now;
    bool say;

    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    say = now.tv_sec >= quiet_until;
    if (say)
        quiet_until = now.tv_sec + (time_t)pause_seconds;
    pthread_mutex_unlock(&lock);
    if (say)
        console_alert("%s; trying again in %u s", message, pause_seconds);
}
