/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/api.h"
#include "server/boots_listen.h"
#include "server/files.h"
#include "server/housekeeping.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/options.h"
#include "server/pxe.h"
#include "server/recover.h"
#include "server/staging.h"

#define BACKLOG 1024

static struct server server = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .store_lock = PTHREAD_RWLOCK_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER,
};

/* A connection is a descriptor, a chunk that is sent another: the usual 1024 are too few for a hall of machines. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit))
            log_line("cannot raise the number of open files: %s", strerror(errno));
    }
}

static int listen_on(int fd, const struct sockaddr *address, socklen_t size, const char *where, struct refusal *r)
{
    if (fd >= 0 && bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    refuse(r, 500, "internal", "cannot listen on %s: %s", where, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int listen_tcp(const struct sockaddr_in *address, struct refusal *r)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    char where[64];

    inet_ntop(AF_INET, &address->sin_addr, where, sizeof(where));
    snprintf(where + strlen(where), sizeof(where) - strlen(where), ":%u", ntohs(address->sin_port));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return listen_on(fd, (const struct sockaddr *)address, sizeof(*address), where, r);
}

/* Whether another slipwayd answers there: its socket must not be taken from it. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

    if (fd >= 0)
        close(fd);
    return alive;
}

static int listen_unix(const char *path, struct refusal *r)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[SERVER_PATH];
    mode_t mask;
    int fd;

    if (strlen(path) >= sizeof(address.sun_path))
        return refuse(r, 500, "internal", "the path %s is too long for a socket", path);
    strcpy(address.sun_path, path);
    strcpy(folder, path);
    if (strrchr(folder, '/') && strrchr(folder, '/') != folder) {
        *strrchr(folder, '/') = 0;
        if (folder_make(folder))
            return refuse_errno(r, errno, folder);
    }
    if (is_alive(&address))
        return refuse(r, 500, "internal", "another slipwayd answers on %s", path);
    unlink(path);
    mask = umask(0117);
    fd = listen_on(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (const struct sockaddr *)&address, sizeof(address),
                   path, r);
    umask(mask);
    return fd;
}

static int open_database(const struct options *o, struct refusal *r)
{
    char path[SERVER_PATH + 32];

    if (folder_make(o->state))
        return refuse_errno(r, errno, o->state);
    snprintf(path, sizeof(path), "%s/slipway.db", o->state);
    server.database = database_open(path, r);
    return server.database ? 0 : -1;
}

/* The jobs of before go on; the time in which nobody could hear them does not count as silence. */
static int resume(struct refusal *r)
{
    if (staging_prepare(&server, r) || store_recover(&server, r))
        return -1;
    if (database_run(server.database, r,
                     "UPDATE jobs SET heard = ? WHERE state IN ('running', 'cancelling', 'confirming')", "i",
                     clock_ms()) < 0)
        return -1;
    server_lock(&server);
    pxe_write_all(&server);
    server_unlock(&server);
    return 0;
}

static void stop_all(struct httpd *agents, struct httpd *admin, struct boots_listener *boots, pthread_t housekeeping)
{
    struct refusal r;

    server_lock(&server);
    server.stopping = true;
    server_changed(&server);
    server_unlock(&server);
    httpd_stop(agents);
    httpd_stop(admin);
    boots_listen_stop(boots);
    pthread_join(housekeeping, NULL);
    if (store_mark_clean(&server, &r))
        log_line("the store could not be flushed: %s", r.message);
    waiters_release(&server.waiters);
    database_close(server.database);
}

static void set_url(const struct sockaddr_in *address)
{
    struct in_addr any = address->sin_addr;
    char text[INET_ADDRSTRLEN] = "";

    if (any.s_addr == htonl(INADDR_ANY))
        any.s_addr = htonl(INADDR_LOOPBACK);
    inet_ntop(AF_INET, &any, text, sizeof(text));
    snprintf(server.url, sizeof(server.url), "http://%s:%u", text, ntohs(address->sin_port));
}

static int serve(const struct options *o, const sigset_t *signals, struct refusal *r)
{
    int tcp = listen_tcp(&o->listen, r), local = tcp < 0 ? -1 : listen_unix(o->socket, r), signal;
    struct boots_listener *boots;
    struct httpd *agents, *admin;
    pthread_t housekeeping;

    if (local < 0)
        return -1;
    set_url(&o->listen);
    agents = httpd_start(&server, api_agent_routes, tcp, r);
    admin = httpd_start(&server, api_admin_routes, local, r);
    if (!agents || !admin)
        return -1;
    if (pthread_create(&housekeeping, NULL, housekeeping_run, &server))
        return refuse(r, 500, "internal", "cannot start a thread");
    boots = boots_listen(&server, &o->listen);
    log_line("slipwayd " SLIPWAY_VERSION " serves agents on port %u, administrators on %s", ntohs(o->listen.sin_port),
             o->socket);
    sigwait(signals, &signal);
    log_line("signal %d: stopping", signal);
    stop_all(agents, admin, boots, housekeeping);
    unlink(o->socket);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    struct refusal r = {0};
    sigset_t signals;
    int rc = options_read(argc, argv, &options, &server);

    if (rc >= 0)
        return rc;
    raise_file_limit();
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (open_database(&options, &r) || resume(&r) || serve(&options, &signals, &r)) {
        fprintf(stderr, "slipwayd: %s\n", r.message);
        return 1;
    }
    log_line("stopped");
    return 0;
}
