/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/efi_vars.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/magic.h>

#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define FIRMWARE "/sys/firmware/efi"
#define HEAD 4
/* Non-volatile, boot services, runtime. */
#define ATTRIBUTES 7
#define NAME_MAX_SIZE 96

bool efi_vars_exist(void)
{
    return access(FIRMWARE, F_OK) == 0;
}

static const char *why(int error)
{
    switch (error) {
    case ENOSPC:
        return "its memory for variables is full";
    case EROFS:
    case EPERM:
        return "its variables are read-only here";
    default:
        return strerror(error);
    }
}

static int cannot(struct failure *f, const char *verb, const char *name)
{
    return fail(f, "production", "cannot %s the firmware's variable %s: %s", verb, name, why(errno));
}

/* The folder is there without them, too: where the kernel does not call the firmware any more (noefi, runtime services
 * that crashed). */
static int mount_variables(struct failure *f)
{
    struct statfs s;

    if (statfs(EFI_VARS_FOLDER, &s) == 0 && s.f_type == EFIVARFS_MAGIC)
        return 0;
    if (mount("efivarfs", EFI_VARS_FOLDER, "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0)
        return 0;
    return fail(f, "production", "this kernel does not show the firmware's variables (efivarfs: %s)", strerror(errno));
}

int efi_vars_open(struct efi_vars *v, const char *folder, struct failure *f)
{
    if (strcmp(folder, EFI_VARS_FOLDER) == 0 && mount_variables(f))
        return -1;
    v->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (v->folder < 0)
        return fail(f, "production", "cannot open the firmware's variables in %s: %s", folder, strerror(errno));
    return 0;
}

void efi_vars_close(struct efi_vars *v)
{
    close(v->folder);
    v->folder = -1;
}

static void file_name(const char *name, char ret[NAME_MAX_SIZE])
{
    snprintf(ret, NAME_MAX_SIZE, "%.40s" GLOBAL, name);
}

/* efivarfs slows readers down and lets a signal end the wait. Reads one byte more than there may be, to notice it. */
static ssize_t read_whole(int fd, uint8_t *ret, size_t size)
{
    size_t at = 0;
    ssize_t n;

    while (at < size) {
        n = read(fd, ret + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        at += (size_t)n;
    }
    return (ssize_t)at;
}

int efi_vars_read(const struct efi_vars *v, const char *name, void *ret, size_t size, size_t *ret_size,
                  struct failure *f)
{
    uint8_t content[HEAD + EFI_VARS_SIZE_MAX + 1];
    char file[NAME_MAX_SIZE];
    ssize_t n;
    int fd;

    file_name(name, file);
    fd = openat(v->folder, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : cannot(f, "read", name);
    n = read_whole(fd, content, sizeof(content));
    close(fd);
    if (n < 0)
        return cannot(f, "read", name);
    if (n < HEAD || (size_t)n - HEAD > size)
        return fail(f, "production", "the firmware's variable %s has %zd bytes: that makes no sense", name, n);
    *ret_size = (size_t)n - HEAD;
    memcpy(ret, content + HEAD, *ret_size);
    return 1;
}

/* efivarfs makes variables that it does not know immutable, so that nobody bricks a machine with rm -r. */
static void make_mutable(const struct efi_vars *v, const char *file)
{
    int flags, fd = openat(v->folder, file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL)) {
        flags &= ~FS_IMMUTABLE_FL;
        ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    close(fd);
}

/* -1 with errno. The firmware takes a variable in one piece. */
static int write_file(const struct efi_vars *v, const char *file, const uint8_t *content, size_t size)
{
    int fd, result;
    ssize_t n;

    make_mutable(v, file);
    fd = openat(v->folder, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    do
        n = write(fd, content, size);
    while (n < 0 && errno == EINTR);
    result = n == (ssize_t)size ? 0 : -1;
    if (n >= 0 && result != 0)
        errno = EIO;
    if (close(fd) != 0)
        result = -1;
    return result;
}

/* 1, 0 or -1 as efi_vars_read. */
static int holds(const struct efi_vars *v, const char *name, const void *data, size_t size, struct failure *f)
{
    uint8_t old[EFI_VARS_SIZE_MAX];
    size_t old_size;
    int found = efi_vars_read(v, name, old, sizeof(old), &old_size, f);

    return found == 1 ? old_size == size && memcmp(old, data, size) == 0 : found;
}

int efi_vars_write(const struct efi_vars *v, const char *name, const void *data, size_t size, struct failure *f)
{
    uint8_t content[HEAD + EFI_VARS_SIZE_MAX] = {ATTRIBUTES};
    char file[NAME_MAX_SIZE];
    int held;

    if (size > EFI_VARS_SIZE_MAX)
        return fail(f, "production", "%zu bytes are too many for the firmware's variable %s", size, name);
    if (holds(v, name, data, size, f) == 1)
        return 0;
    file_name(name, file);
    memcpy(content + HEAD, data, size);
    if (write_file(v, file, content, HEAD + size) != 0)
        return cannot(f, "write", name);
    held = holds(v, name, data, size, f);
    if (held == 0)
        return fail(f, "production", "the firmware took the variable %s and did not keep it", name);
    return held == 1 ? 0 : -1;
}

int efi_vars_remove(const struct efi_vars *v, const char *name, struct failure *f)
{
    char file[NAME_MAX_SIZE];

    file_name(name, file);
    make_mutable(v, file);
    return unlinkat(v->folder, file, 0) == 0 || errno == ENOENT ? 0 : cannot(f, "remove", name);
}

static bool number_of(const char *file, const char *prefix, uint16_t *ret)
{
    size_t length = strlen(prefix);
    const char *digits = file + length;

    if (strncmp(file, prefix, length) != 0 || strspn(digits, "0123456789ABCDEF") != 4 ||
        strcmp(digits + 4, GLOBAL) != 0)
        return false;
    *ret = (uint16_t)strtoul(digits, NULL, 16);
    return true;
}

int efi_vars_each(const struct efi_vars *v, const char *prefix, void (*visit)(void *arg, uint16_t number), void *arg,
                  struct failure *f)
{
    int fd = openat(v->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;
    uint16_t number;

    if (!d) {
        if (fd >= 0)
            close(fd);
        return cannot(f, "list", prefix);
    }
    while ((e = readdir(d)))
        if (number_of(e->d_name, prefix, &number))
            visit(arg, number);
    closedir(d);
    return 0;
}
