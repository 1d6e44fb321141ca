/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/modules.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/sysfs.h"
#include "agent/kernel/module_file.h"
#include "agent/kernel/module_index.h"
#include "agent/kernel/uevent.h"

#define MODALIAS_MAX 512
#define NETWORK_FIRST_MS 500

static pthread_mutex_t index_lock = PTHREAD_MUTEX_INITIALIZER;
static struct module_index *index_of_modules;
static char modules_dir[128];

static pthread_mutex_t ready_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready_cond = PTHREAD_COND_INITIALIZER;
static bool ready, rest_wanted;

static int events = -1;

/* A module whose device or file is missing is no error to stop for: the next may be the one that counts. */
static void load_file(void *arg, const char *path)
{
    char full[400];
    int error;

    (void)arg;
    snprintf(full, sizeof(full), "%s/%s", modules_dir, path);
    error = module_file_load(full);
    if (error != 0 && error != EEXIST && error != ENODEV)
        console_line("module %s: %s", path, strerror(error));
}

static bool open_index(void)
{
    struct utsname u;

    if (uname(&u) != 0)
        return false;
    snprintf(modules_dir, sizeof(modules_dir), "/lib/modules/%s", u.release);
    index_of_modules = module_index_open(modules_dir);
    return index_of_modules != NULL;
}

static void load_alias(const char *modalias)
{
    pthread_mutex_lock(&index_lock);
    module_index_load_alias(index_of_modules, modalias, load_file, NULL);
    pthread_mutex_unlock(&index_lock);
}

bool modules_load(const char *name)
{
    bool found;

    pthread_mutex_lock(&index_lock);
    found = index_of_modules && (module_index_load(index_of_modules, name, load_file, NULL) ||
                                 module_index_load_alias(index_of_modules, name, load_file, NULL));
    pthread_mutex_unlock(&index_lock);
    return found;
}

/* Returns false when there was none within `timeout_ms` (-1: for ever). */
static bool handle_event(int timeout_ms)
{
    char modalias[MODALIAS_MAX];
    struct pollfd p = {.fd = events, .events = POLLIN};

    if (poll(&p, 1, timeout_ms) <= 0)
        return false;
    if (uevent_read(events, modalias, sizeof(modalias)))
        load_alias(modalias);
    return true;
}

static void handle_waiting_events(void)
{
    while (handle_event(0))
        ;
}

/* One bus: its devices are links in one flat folder. `class_prefix` picks PCI devices by class; NULL takes all. */
static void load_bus(const char *bus, const char *class_prefix)
{
    char path[300], value[MODALIAS_MAX];
    struct dirent *e;
    DIR *d;

    snprintf(path, sizeof(path), "/sys/bus/%s/devices", bus);
    d = opendir(path);
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.')
            continue;
        if (class_prefix && (!sysfs_read_text(value, sizeof(value), "%s/%s/class", path, e->d_name) ||
                             strncmp(value, class_prefix, strlen(class_prefix)) != 0))
            continue;
        if (sysfs_read_text(value, sizeof(value), "%s/%s/modalias", path, e->d_name) && value[0])
            load_alias(value);
    }
    if (d)
        closedir(d);
}

static void load_every_bus(void)
{
    DIR *d = opendir("/sys/bus");
    struct dirent *e;

    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            load_bus(e->d_name, NULL);
    if (d)
        closedir(d);
}

/* Waits for *flag, which ready_cond announces, at most `timeout_ms`. Returns its value. */
static bool wait_for(const bool *flag, unsigned timeout_ms)
{
    struct timespec until;
    bool result;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&ready_lock);
    while (!*flag && pthread_cond_timedwait(&ready_cond, &ready_lock, &until) != ETIMEDOUT)
        ;
    result = *flag;
    pthread_mutex_unlock(&ready_lock);
    return result;
}

static void announce(bool *flag)
{
    pthread_mutex_lock(&ready_lock);
    *flag = true;
    pthread_cond_broadcast(&ready_cond);
    pthread_mutex_unlock(&ready_lock);
}

static void *run(void *arg)
{
    (void)arg;
    /* The network decides how soon the server hears of this machine: its cards come first, with what hangs on them (a
     * virtio card is two devices). Loading a module keeps a processor to itself, and there may be only one: the rest
     * waits until the network is up, unless that takes so long that the card must be among the rest. */
    load_bus("pci", "0x02");
    handle_waiting_events();
    wait_for(&rest_wanted, NETWORK_FIRST_MS);
    load_bus("pci", "0x01");
    handle_waiting_events();
    load_every_bus();
    handle_waiting_events();
    announce(&ready);
    for (;;)
        handle_event(-1);
    return NULL;
}

bool modules_start(void)
{
    pthread_t thread;

    if (!open_index()) {
        console_alert("no kernel modules: cannot read %s", modules_dir);
        return false;
    }
    /* Listening begins before the first look: nothing can appear between the two unseen. */
    events = uevent_open();
    if (events < 0 || pthread_create(&thread, NULL, run, NULL) != 0) {
        console_alert("no kernel modules: %s", strerror(errno));
        return false;
    }
    pthread_detach(thread);
    return true;
}

void modules_load_rest(void)
{
    announce(&rest_wanted);
}

bool modules_wait(unsigned timeout_ms)
{
    return wait_for(&ready, timeout_ms);
}

int modules_serve_kernel(char **argv)
{
    return open_index() && modules_load(argv[3]) ? 0 : 1;
}
