/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/terminals.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buffer.h"
#include "agent/base/le.h"

#define UTMP_LIMIT (4u << 20)
#define PSEUDO_TERMINALS 4096
#define USER_PROCESS 7
#define LINE_AT 8 /* i16 type, padding, i32 process */
#define NAMES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/"

bool terminals_line(const uint8_t *record, char ret[TERMINALS_LINE])
{
    if (le16_read(record) != USER_PROCESS)
        return false;
    memcpy(ret, record + LINE_AT, TERMINALS_LINE - 1);
    ret[TERMINALS_LINE - 1] = '\0';
    return ret[0] && ret[0] != '/' && ret[strspn(ret, NAMES)] == '\0';
}

static bool tell(const char *devices, const char *line, const char *text)
{
    struct stat s;
    char path[300];
    ssize_t n = -1;
    int fd;

    snprintf(path, sizeof(path), "%.200s/%s", devices, line);
    fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (fstat(fd, &s) == 0 && S_ISCHR(s.st_mode))
        n = write(fd, text, strlen(text));
    close(fd);
    return n > 0;
}

static unsigned tell_pseudo_terminals(const char *devices, const char *text)
{
    char folder[220], line[64];
    unsigned told = 0;
    struct dirent *e;
    DIR *d;

    snprintf(folder, sizeof(folder), "%.200s/pts", devices);
    d = opendir(folder);
    for (unsigned i = 0; d && i < PSEUDO_TERMINALS && (e = readdir(d)); i++) {
        snprintf(line, sizeof(line), "pts/%.50s", e->d_name);
        if (e->d_name[strspn(e->d_name, "0123456789")] == '\0')
            told += tell(devices, line, text);
    }
    if (d)
        closedir(d);
    return told;
}

unsigned terminals_tell(const char *utmp, const char *devices, const char *text)
{
    struct buffer records = {0};
    char line[TERMINALS_LINE];
    unsigned told = 0;

    if (!buffer_read_file(&records, utmp, UTMP_LIMIT))
        told = tell_pseudo_terminals(devices, text);
    else
        for (size_t at = 0; records.size - at >= TERMINALS_RECORD; at += TERMINALS_RECORD)
            if (terminals_line(records.data + at, line))
                told += tell(devices, line, text);
    free(records.data);
    return told;
}
