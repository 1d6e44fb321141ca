/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/disk_name.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BY_ID "/dev/disk/by-id/"

static const char *skip(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncasecmp(text, prefix, n) ? text : text + n;
}

/* Letters and digits in lower case, without what only says of which kind the name is. */
static void plain_wwn(const char *text, char ret[64])
{
    static const char *const prefixes[] = {"wwn-", "nvme-", "naa.", "eui.", "uuid.", "0x"};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        text = skip(text, prefixes[i]);
    for (; *text && n < 63; text++)
        if (isalnum((unsigned char)*text))
            ret[n++] = (char)tolower((unsigned char)*text);
    ret[n] = '\0';
}

bool disk_name_same_wwn(const char *a, const char *b)
{
    char x[64], y[64];

    plain_wwn(a, x);
    plain_wwn(b, y);
    return x[0] && strcmp(x, y) == 0;
}

/* As udev does: white space becomes one '_'. */
static void underscored(const char *text, char ret[64])
{
    size_t n = 0;

    for (; *text && n < 63; text++)
        if (!isspace((unsigned char)*text))
            ret[n++] = *text;
        else if (n && ret[n - 1] != '_')
            ret[n++] = '_';
    ret[n] = '\0';
}

/* The kernel tells 16 letters of a SATA disk's model, the link has all of them: MODEL..._SERIAL. */
static bool is_model_and_serial(const char *name, const char *model, const char *serial)
{
    size_t n = strlen(name), m = strlen(model), s = strlen(serial);

    return n > m + s && strncmp(name, model, m) == 0 && name[n - s - 1] == '_' && strcmp(name + n - s, serial) == 0;
}

bool disk_name_by_id(const char *path, const struct disk *d)
{
    static const char *const buses[] = {"ata-", "nvme-", "mmc-"};
    char model[64], serial[64];

    if (strncmp(path, BY_ID, strlen(BY_ID)) != 0)
        return false;
    path += strlen(BY_ID);
    if (strncmp(path, "wwn-", 4) == 0 || strncmp(path, "nvme-eui.", 9) == 0)
        return disk_name_same_wwn(path, d->wwn);
    underscored(d->model, model);
    underscored(d->serial, serial);
    if (!serial[0])
        return false;
    if (strncmp(path, "virtio-", 7) == 0)
        return strcmp(path + 7, serial) == 0;
    for (size_t i = 0; model[0] && i < sizeof(buses) / sizeof(buses[0]); i++)
        if (strncmp(path, buses[i], strlen(buses[i])) == 0)
            return is_model_and_serial(path + strlen(buses[i]), model, serial);
    return false;
}
