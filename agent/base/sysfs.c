/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/sysfs.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_path(char *ret, size_t size, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = read(fd, ret, size);
    close(fd);
    return n;
}

/* Trims and cleans `n` bytes into `ret`. */
static void take_text(char *ret, size_t size, const char *bytes, size_t n)
{
    size_t length = 0;

    while (n > 0 && (unsigned char)bytes[0] <= ' ') {
        bytes++;
        n--;
    }
    while (n > 0 && (unsigned char)bytes[n - 1] <= ' ')
        n--;
    for (; length < n && length + 1 < size; length++)
        ret[length] = bytes[length] >= ' ' && bytes[length] < 0x7f ? bytes[length] : '?';
    ret[length] = '\0';
}

static bool read_text(char *ret, size_t size, const char *format, va_list args)
{
    char path[512], bytes[4096];
    ssize_t n;

    ret[0] = '\0';
    if ((size_t)vsnprintf(path, sizeof(path), format, args) >= sizeof(path))
        return false;
    n = read_path(bytes, sizeof(bytes), path);
    if (n < 0)
        return false;
    take_text(ret, size, bytes, (size_t)n);
    return true;
}

bool sysfs_read_text(char *ret, size_t size, const char *format, ...)
{
    va_list args;
    bool ok;

    va_start(args, format);
    ok = read_text(ret, size, format, args);
    va_end(args);
    return ok;
}

bool sysfs_read_number(uint64_t *ret, const char *format, ...)
{
    char text[32], *end;
    unsigned long long value;
    va_list args;
    bool ok;

    va_start(args, format);
    ok = read_text(text, sizeof(text), format, args);
    va_end(args);
    if (!ok || !text[0])
        return false;
    value = strtoull(text, &end, 0);
    if (*end)
        return false;
    *ret = value;
    return true;
}

void sysfs_read_vpd_serial(char *ret, size_t size, const char *block)
{
    unsigned char page[4 + 255];
    char path[400];
    ssize_t n;
    size_t length;

    ret[0] = '\0';
    snprintf(path, sizeof(path), "%s/device/vpd_pg80", block);
    n = read_path((char *)page, sizeof(page), path);
    if (n < 4 || page[1] != 0x80)
        return;
    length = (size_t)page[2] << 8 | page[3];
    if (length > (size_t)n - 4)
        length = (size_t)n - 4;
    take_text(ret, size, (const char *)page + 4, length);
}

/* Up from the disk to the first folder with a USB vendor; interfaces and hosts in between have none. */
void sysfs_read_usb_serial(char *ret, size_t size, const char *block)
{
    char path[400], vendor[8], *real, *slash;

    ret[0] = '\0';
    snprintf(path, sizeof(path), "%s/device", block);
    real = realpath(path, NULL);
    while (real && (slash = strrchr(real, '/')) && slash != real) {
        if (sysfs_read_text(vendor, sizeof(vendor), "%s/idVendor", real)) {
            sysfs_read_text(ret, size, "%s/serial", real);
            break;
        }
        *slash = '\0';
    }
    free(real);
}
