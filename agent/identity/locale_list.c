/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/locale_list.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/le.h"
#include "agent/base/tree.h"

#define FOLDER "usr/lib/locale"
#define NAME_MAX_BYTES 64
#define HEAD 32 /* of glibc's struct locarhead: magic at 0, the names' offset and bytes in use at 20 and 24 */
#define MAGIC 0xde020109
#define NAMES_MAX (1u << 20)

/* As glibc files it: the codeset in lower case, letters and digits alone ("de_DE.utf8@euro"). */
static void normalize(const char *locale, char ret[NAME_MAX_BYTES])
{
    bool codeset = false;
    size_t n = 0;

    for (; *locale && n < NAME_MAX_BYTES - 1; locale++) {
        codeset = *locale == '.' || (codeset && *locale != '@');
        if (!codeset || *locale == '.')
            ret[n++] = *locale;
        else if (isalnum((unsigned char)*locale))
            ret[n++] = (char)tolower((unsigned char)*locale);
    }
    ret[n] = '\0';
}

static bool has_folder(int root, const char *name)
{
    char path[sizeof(FOLDER) + NAME_MAX_BYTES + 1];

    snprintf(path, sizeof(path), FOLDER "/%s", name);
    return tree_is_folder(root, path);
}

/* Every name ends with a NUL, and so does what is read. */
static bool is_among(const char *names, size_t size, const char *name)
{
    for (size_t at = 0; at < size; at += strlen(names + at) + 1)
        if (!strcmp(names + at, name))
            return true;
    return false;
}

static bool archive_has(int fd, const char *name)
{
    uint8_t head[HEAD];
    uint32_t offset, size;
    char *names;
    bool found = true;

    if (pread(fd, head, sizeof(head), 0) != sizeof(head) || le32_read(head) != MAGIC)
        return true;
    offset = le32_read(head + 20);
    size = le32_read(head + 24);
    names = size <= NAMES_MAX ? calloc(1, size + 1) : NULL;
    if (names && pread(fd, names, size, offset) == (ssize_t)size)
        found = is_among(names, size, name);
    free(names);
    return found;
}

bool locale_list_has(int root, const char *locale)
{
    char name[NAME_MAX_BYTES];
    int fd;
    bool found;

    normalize(locale, name);
    if (!strcmp(name, "C") || !strcmp(name, "POSIX") || !strcmp(name, "C.utf8") || !tree_is_folder(root, FOLDER) ||
        has_folder(root, name) || has_folder(root, locale))
        return true;
    fd = tree_open(root, FOLDER "/locale-archive", O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return false;
    found = archive_has(fd, name);
    close(fd);
    return found;
}
