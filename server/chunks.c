/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/chunks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/files.h"

#define CHUNK_PATH (SERVER_PATH + 128)

void chunk_path(const struct server *s, const uint8_t id[CHUNK_ID], char ret[CHUNK_PATH])
{
    char hex[CHUNK_HEX];

    name_chunk_hex(id, hex);
    snprintf(ret, CHUNK_PATH, "%s/chunks.castr/%.4s/%s.cacnk", s->store, hex, hex);
}

bool chunk_exists(const struct server *s, const uint8_t id[CHUNK_ID])
{
    char path[CHUNK_PATH];

    chunk_path(s, id, path);
    return access(path, F_OK) == 0;
}

/* Remembers, before the first chunk that is not flushed, that a power cut may tear chunks. */
static int mark_dirty(struct server *s, struct refusal *r)
{
    int rc;

    if (atomic_load(&s->store_dirty))
        return 0;
    server_lock(s);
    rc = server_set_setting(s, "store-dirty", 1, r);
    server_unlock(s);
    if (rc == 0)
        atomic_store(&s->store_dirty, true);
    return rc;
}

static int rename_into_place(const char *temporary, char *path)
{
    char *slash = strrchr(path, '/');

    if (rename(temporary, path) == 0)
        return 0;
    if (errno != ENOENT)
        return -1;
    *slash = 0;
    if (mkdir(path, 0755) && errno != EEXIST)
        return -1;
    *slash = '/';
    return rename(temporary, path);
}

static int store_chunk(struct server *s, const struct chunk_frame *c, struct refusal *r)
{
    char path[CHUNK_PATH], temporary[CHUNK_PATH];

    chunk_path(s, c->id, path);
    snprintf(temporary, sizeof(temporary), "%s/tmp/%" PRIuFAST64, s->store, atomic_fetch_add(&s->next_temporary, 1));
    if (file_write(temporary, c->frame, c->size, false))
        return refuse_errno(r, errno, "writing a chunk");
    if (rename_into_place(temporary, path)) {
        int error = errno;

        unlink(temporary);
        return refuse_errno(r, error, "storing a chunk");
    }
    return 0;
}

int chunks_put(struct server *s, const struct chunk_frame *list, size_t count, size_t *ret_new, struct refusal *r)
{
    size_t stored = 0;

    if (chunks_verify(list, count, r))
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (chunk_exists(s, list[i].id))
            continue;
        if (mark_dirty(s, r) || store_chunk(s, &list[i], r))
            return -1;
        stored++;
    }
    *ret_new = stored;
    return 0;
}

int chunks_sync(struct server *s, struct refusal *r)
{
    int fd = open(s->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error;

    if (fd < 0)
        return refuse_errno(r, errno, "opening the store");
    error = syncfs(fd) ? errno : 0;
    close(fd);
    return error ? refuse_errno(r, error, "flushing the store to its disk") : 0;
}

static int visit_file(const char *folder, const char *name, chunk_visitor *each, void *arg, struct refusal *r)
{
    char path[CHUNK_PATH + 256], hex[CHUNK_HEX];
    uint8_t id[CHUNK_ID];
    struct stat st;

    if (strlen(name) != 70 || strcmp(name + 64, ".cacnk") != 0)
        return 0;
    memcpy(hex, name, 64);
    hex[64] = 0;
    if (!name_chunk_id(hex, id))
        return 0;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (lstat(path, &st))
        return refuse_errno(r, errno, path);
    return each(arg, id, path, &st, r);
}

static int visit_folder(const char *folder, chunk_visitor *each, void *arg, struct refusal *r)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int rc = 0;

    if (!dir)
        return refuse_errno(r, errno, folder);
    while (rc == 0 && (errno = 0, entry = readdir(dir)))
        rc = visit_file(folder, entry->d_name, each, arg, r);
    if (rc == 0 && errno)
        rc = refuse_errno(r, errno, folder);
    closedir(dir);
    return rc;
}

int chunks_visit(const struct server *s, chunk_visitor *each, void *arg, struct refusal *r)
{
    for (unsigned i = 0; i < 0x10000; i++) {
        char folder[CHUNK_PATH];

        snprintf(folder, sizeof(folder), "%s/chunks.castr/%04x", s->store, i);
        if (access(folder, F_OK) == 0 && visit_folder(folder, each, arg, r))
            return -1;
    }
    return 0;
}
