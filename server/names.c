/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/names.h"

#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool made_of(const char *s, const char *accept, size_t max)
{
    size_t n = strlen(s);

    return n >= 1 && n <= max && strspn(s, accept) == n;
}

const char *name_host_problem(const char *s)
{
    size_t n = strlen(s);

    if (n == 0)
        return "it is empty";
    if (n > 63)
        return "it is longer than 63 characters";
    if (!made_of(s, DIGITS LOWER UPPER "-", 63))
        return "only letters, digits and '-' may stand in a host name";
    if (s[0] == '-' || s[n - 1] == '-')
        return "a host name neither begins nor ends with '-'";
    return NULL;
}

bool name_is_image(const char *s)
{
    return made_of(s, DIGITS LOWER UPPER "._-", 64) && strchr("._-", s[0]) == NULL;
}

bool name_is_index(const char *s)
{
    size_t n = strlen(s);

    return made_of(s, DIGITS LOWER UPPER "._-", 64) && s[0] != '.' && n > 6 && strcmp(s + n - 6, ".caibx") == 0;
}

bool name_is_disk_manifest(const char *s)
{
    char name[24];

    for (int i = 2; i <= IMAGE_DISKS; i++) {
        snprintf(name, sizeof(name), "disk%d.json", i);
        if (strcmp(s, name) == 0)
            return true;
    }
    return false;
}

bool name_is_field(const char *s)
{
    return made_of(s, DIGITS LOWER UPPER "_.-", 64);
}

bool name_is_word(const char *s)
{
    return made_of(s, LOWER "-", 31);
}

bool name_is_line(const char *s, unsigned max)
{
    size_t n = strlen(s);

    if (n > max)
        return false;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool name_mac(const char *s, char ret[MAC_TEXT])
{
    char mac[MAC_TEXT];

    if (strlen(s) != 17)
        return false;
    for (int i = 0; i < 17; i++) {
        bool gap = i % 3 == 2;

        if (gap ? (s[i] != ':' && s[i] != '-') : hex_value(s[i]) < 0)
            return false;
        mac[i] = gap ? ':' : lower(s[i]);
    }
    mac[17] = 0;
    memcpy(ret, mac, MAC_TEXT);
    return true;
}

bool name_uuid(const char *s, char ret[UUID_TEXT])
{
    unsigned zeros = 0, ones = 0;
    char uuid[UUID_TEXT];

    if (strlen(s) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool gap = i == 8 || i == 13 || i == 18 || i == 23;

        if (gap ? s[i] != '-' : hex_value(s[i]) < 0)
            return false;
        uuid[i] = lower(s[i]);
        zeros += uuid[i] == '0';
        ones += uuid[i] == 'f';
    }
    if (zeros == 32 || ones == 32)
        return false;
    uuid[36] = 0;
    memcpy(ret, uuid, UUID_TEXT);
    return true;
}

bool name_chunk_id(const char *s, uint8_t ret[CHUNK_ID])
{
    if (!made_of(s, DIGITS "abcdef", 64) || strlen(s) != 64)
        return false;
    for (int i = 0; i < CHUNK_ID; i++)
        ret[i] = (uint8_t)(hex_value(s[2 * i]) << 4 | hex_value(s[2 * i + 1]));
    return true;
}

void name_chunk_hex(const uint8_t id[CHUNK_ID], char ret[CHUNK_HEX])
{
    for (int i = 0; i < CHUNK_ID; i++)
        snprintf(ret + 2 * i, 3, "%02x", id[i]);
}
