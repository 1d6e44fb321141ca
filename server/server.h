/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of slipwayd share, and the locks that keep them apart. Order: store_lock first, then lock.
 *   lock        the database, the PXE files, staging/ and the folder images/
 *   store_lock  read: chunks are asked for, added or counted on; write: a sweep removes chunks */
#ifndef SLIPWAY_SERVER_SERVER_H
#define SLIPWAY_SERVER_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/database.h"
#include "server/waiters.h"

#define SERVER_PATH 512

struct server {
    char store[SERVER_PATH];         /* folder with images/, chunks.castr/, staging/, jobs/ and tmp/ */
    char dnsmasq_hosts[SERVER_PATH]; /* empty: the PXE menu is not forced */
    char dnsmasq_pid[SERVER_PATH];   /* empty: dnsmasq is not told to reload */
    char url[64];                    /* where agents on this computer reach it */
    int64_t silence_ms;              /* a running job that sends nothing for so long has failed */
    int64_t confirm_ms;              /* a job that is not confirmed within this has failed */
    struct database *database;
    pthread_mutex_t lock;
    pthread_rwlock_t store_lock;
    pthread_cond_t changed; /* with lock: a job appeared or ended, or .stopping was set */
    uint64_t changes;       /* counts what .changed told */
    bool stopping;
    bool pxe_stale; /* with lock: dnsmasq has not been told of the newest PXE files */
    struct waiters waiters;
    atomic_uint_fast64_t next_temporary;
    atomic_bool store_dirty; /* chunks may lie in the page cache only; mirrored in the database */
};

void server_lock(struct server *s);
void server_unlock(struct server *s);

/* Wakes the long polls; the lock is held. */
void server_changed(struct server *s);

/* A number kept in the table `settings`. Return 0, or -1 with *r. The lock is held. */
int server_setting(struct server *s, const char *name, int64_t *ret, struct refusal *r);
int server_set_setting(struct server *s, const char *name, int64_t value, struct refusal *r);

#endif
