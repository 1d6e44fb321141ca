/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/pxe.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/files.h"
#include "server/jobs.h"
#include "server/log.h"

#define HOSTS_MAX 8192

static void hosts_path(const struct server *s, int64_t machine, const char *suffix, char ret[SERVER_PATH + 64])
{
    snprintf(ret, SERVER_PATH + 64, "%s%smachine-%" PRId64 "%s", s->dnsmasq_hosts, suffix[0] ? "." : "/", machine,
             suffix);
}

static int hosts_text(struct server *s, int64_t machine, char ret[HOSTS_MAX])
{
    struct refusal r;
    json_t *rows = database_rows(s->database, &r,
                                 "SELECT mac FROM macs WHERE machine = ? AND NOT EXISTS (SELECT 1 FROM jobs WHERE"
                                 " jobs.machine = macs.machine AND state IN ('queued', 'running', 'cancelling'))",
                                 "i", machine);
    size_t used = 0, i;
    json_t *row;

    if (!rows)
        return -1;
    ret[0] = 0;
    json_array_foreach(rows, i, row)
    {
        if (used + 64 < HOSTS_MAX)
            used += (size_t)snprintf(ret + used, HOSTS_MAX - used, "%s\n", row_text(row, "mac"));
    }
    json_decref(rows);
    return 0;
}

static bool says_already(const char *path, const char *text)
{
    uint8_t *there;
    size_t size;
    bool same;

    if (file_read(path, HOSTS_MAX, &there, &size))
        return false;
    same = strcmp((const char *)there, text) == 0;
    free(there);
    return same;
}

/* dnsmasq reads every file of the folder, whatever its name: the new one grows beside the folder. */
void pxe_write(struct server *s, int64_t machine)
{
    char path[SERVER_PATH + 64], temporary[SERVER_PATH + 64], text[HOSTS_MAX];

    if (!s->dnsmasq_hosts[0] || machine == 0 || hosts_text(s, machine, text))
        return;
    hosts_path(s, machine, "", path);
    hosts_path(s, machine, ".new", temporary);
    if (says_already(path, text))
        return;
    s->pxe_stale = true;
    if (file_write(temporary, text, strlen(text), false) == 0 && rename(temporary, path) == 0)
        return;
    log_line("cannot write %s: %s; the machine's PXE menu is not forced", path, strerror(errno));
    unlink(temporary);
}

void pxe_forget(struct server *s, int64_t machine)
{
    char path[SERVER_PATH + 64];

    if (!s->dnsmasq_hosts[0])
        return;
    hosts_path(s, machine, "", path);
    s->pxe_stale = true;
    if (unlink(path) && errno != ENOENT)
        log_line("cannot remove %s: %s", path, strerror(errno));
}

void pxe_reload(struct server *s)
{
    uint8_t *text;
    size_t size;
    long pid;

    if (!s->pxe_stale || !s->dnsmasq_pid[0])
        return;
    if (file_read(s->dnsmasq_pid, 32, &text, &size)) {
        log_line("cannot read %s: %s; dnsmasq goes on with its old answers", s->dnsmasq_pid, strerror(errno));
        return;
    }
    pid = strtol((const char *)text, NULL, 10);
    free(text);
    if (pid <= 1 || kill((pid_t)pid, SIGHUP)) {
        log_line("cannot signal dnsmasq, process %ld: %s", pid, pid <= 1 ? "no process id" : strerror(errno));
        return;
    }
    s->pxe_stale = false;
}

static void remove_all(struct server *s)
{
    DIR *dir = opendir(s->dnsmasq_hosts);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        if (strncmp(entry->d_name, "machine-", 8) == 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

void pxe_write_all(struct server *s)
{
    struct refusal r;
    json_t *rows, *row;
    size_t i;

    if (!s->dnsmasq_hosts[0])
        return;
    if (folder_make(s->dnsmasq_hosts))
        log_line("cannot make %s: %s", s->dnsmasq_hosts, strerror(errno));
    remove_all(s);
    s->pxe_stale = true;
    rows = database_rows(s->database, &r, "SELECT id FROM machines", "");
    json_array_foreach(rows, i, row) pxe_write(s, row_integer(row, "id"));
    json_decref(rows);
    pxe_reload(s);
}
