/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/files.h"
#include "server/names.h"

#define PATH_MAX_TEXT (SERVER_PATH + 128)

/* No name of a whole file begins with a dot: one that grows has ".part" before it. */
static void file_path(const struct server *s, int64_t job, const char *part, const char *name, char ret[PATH_MAX_TEXT])
{
    snprintf(ret, PATH_MAX_TEXT, "%s/jobs/%" PRId64 "%s%s%s", s->store, job, name ? "/" : "", part, name ? name : "");
}

static int write_at(int fd, int64_t offset, const uint8_t *data, size_t size)
{
    ssize_t n;

    while (size > 0) {
        n = pwrite(fd, data, size, offset);
        if (n < 0)
            return -1;
        data += n;
        offset += n;
        size -= (size_t)n;
    }
    return 0;
}

static unsigned count_files(const char *folder)
{
    DIR *dir = opendir(folder);
    unsigned count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static int open_part(const char *part, const char *folder, int64_t offset, struct refusal *r)
{
    struct stat st;
    int fd;

    if (folder_make(folder))
        return refuse_errno(r, errno, folder);
    if (offset == 0 && count_files(folder) >= JOB_FILES_MAX + 2)
        return refuse(r, 413, "too-large", "a job may leave %d files at most", JOB_FILES_MAX);
    fd = open(part, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (offset == 0 ? O_CREAT : 0), 0600);
    if (fd < 0 && errno == ENOENT)
        return refuse(r, 409, "out-of-order", "the file begins at offset 0");
    if (fd < 0)
        return refuse_errno(r, errno, part);
    if (fstat(fd, &st) == 0 && st.st_size >= offset)
        return fd;
    close(fd);
    return refuse(r, 409, "out-of-order", "the file goes on at offset %lld", (long long)st.st_size);
}

/* The last piece came before, and its answer was lost. */
static bool is_whole(const char *path, int64_t size)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size == size;
}

static int write_piece(int fd, int64_t offset, bool last, const void *data, size_t size, struct refusal *r)
{
    int64_t end = offset + (int64_t)size;

    if (write_at(fd, offset, data, size) || (last && (ftruncate(fd, end) || fsync(fd))))
        return refuse_errno(r, errno, "writing a file of a job");
    return 0;
}

int job_file_put(struct server *s, int64_t job, const char *name, int64_t offset, bool last, const void *data,
                 size_t size, struct refusal *r)
{
    char folder[PATH_MAX_TEXT], part[PATH_MAX_TEXT], path[PATH_MAX_TEXT];
    int fd, rc;

    if (!name_is_image(name))
        return refuse(r, 400, "bad-request", "'%.80s' cannot be a file's name", name);
    if (offset > JOB_FILE_MAX - (int64_t)size)
        return refuse(r, 413, "too-large", "a file of a job may have %lld bytes at most", (long long)JOB_FILE_MAX);
    file_path(s, job, "", NULL, folder);
    file_path(s, job, ".part-", name, part);
    file_path(s, job, "", name, path);
    if (last && offset > 0 && access(part, F_OK) && is_whole(path, offset + (int64_t)size))
        return 0;
    fd = open_part(part, folder, offset, r);
    if (fd < 0)
        return -1;
    rc = write_piece(fd, offset, last, data, size, r);
    close(fd);
    if (rc == 0 && last && (rename(part, path) || folder_sync(folder)))
        return refuse_errno(r, errno, path);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_file(json_t *list, const char *folder, const char *name)
{
    char path[PATH_MAX_TEXT + 256];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (stat(path, &st) == 0)
        json_array_append_new(list, json_pack("{s:s, s:I}", "name", name, "size", (json_int_t)st.st_size));
}

json_t *job_files_list(const struct server *s, int64_t job, struct refusal *r)
{
    char folder[PATH_MAX_TEXT], *names[JOB_FILES_MAX + 1];
    json_t *list = json_array();
    struct dirent *entry;
    size_t count = 0;
    DIR *dir;

    file_path(s, job, "", NULL, folder);
    dir = opendir(folder);
    if (!dir && errno != ENOENT) {
        refuse_errno(r, errno, folder);
        json_decref(list);
        return NULL;
    }
    while (dir && count < JOB_FILES_MAX + 1 && (entry = readdir(dir))) {
        if (entry->d_name[0] != '.' && (names[count] = strdup(entry->d_name)))
            count++;
    }
    if (dir)
        closedir(dir);
    qsort(names, count, sizeof(names[0]), by_name);
    for (size_t i = 0; i < count; i++) {
        add_file(list, folder, names[i]);
        free(names[i]);
    }
    return json_pack("{s:o}", "files", list);
}

int job_file_open(const struct server *s, int64_t job, const char *name, size_t *ret_size, struct refusal *r)
{
    char path[PATH_MAX_TEXT];
    struct stat st;
    int fd;

    file_path(s, job, "", name, path);
    fd = name_is_image(name) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0)
        return refuse(r, 404, "no-such-file", "job %lld has left no file %.80s", (long long)job, name);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *ret_size = (size_t)st.st_size;
        return fd;
    }
    close(fd);
    return refuse(r, 500, "internal", "%s is no file", path);
}
