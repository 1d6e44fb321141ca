/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/ip_text.h"

#define IP6_GROUPS 8
#define NO_GAP (IP6_GROUPS + 1)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number without leading zeros, at most `max` (three digits). Returns how many characters it has, 0: none. */
static size_t take_number(const char *s, size_t n, unsigned max, unsigned *ret)
{
    unsigned value = 0;
    size_t used = 0;

    while (used < n && used < 3 && is_digit(s[used]))
        value = value * 10 + (unsigned)(s[used++] - '0');
    if (used == 0 || value > max || (used > 1 && s[0] == '0'))
        return 0;
    *ret = value;
    return used;
}

bool ip4_text_parse(const char *s, size_t n, struct ip4 *ret)
{
    struct ip4 a = {{0}};
    size_t at = 0, used;
    unsigned value;

    for (unsigned i = 0; i < 4; i++) {
        if (i > 0 && (at == n || s[at++] != '.'))
            return false;
        used = take_number(s + at, n - at, 255, &value);
        if (used == 0)
            return false;
        a.b[i] = (uint8_t)value;
        at += used;
    }
    if (at != n)
        return false;
    *ret = a;
    return true;
}

/* The value of one hexadecimal digit, 16 for anything else. */
static unsigned hex_value(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

static size_t take_group(const char *s, size_t n, unsigned *ret)
{
    size_t used = 0;

    *ret = 0;
    while (used < n && used < 4 && hex_value(s[used]) < 16)
        *ret = *ret << 4 | hex_value(s[used++]);
    return used;
}

static bool is_gap(const char *s, size_t n)
{
    return n >= 2 && s[0] == ':' && s[1] == ':';
}

/* Groups up to the end; *ret_gap is the place among them where "::" stood, or NO_GAP. */
static bool take_groups(const char *s, size_t n, uint16_t groups[IP6_GROUPS], unsigned *ret_count, unsigned *ret_gap)
{
    unsigned count = 0, gap = NO_GAP, value;
    size_t at = 0, used;

    while (at < n) {
        if (is_gap(s + at, n - at) && gap == NO_GAP) {
            gap = count;
            at += 2;
            if (at == n)
                break;
        } else if (count > 0 && s[at++] != ':') {
            return false;
        }
        used = take_group(s + at, n - at, &value);
        if (used == 0 || count == IP6_GROUPS)
            return false;
        groups[count++] = (uint16_t)value;
        at += used;
    }
    *ret_count = count;
    *ret_gap = gap;
    return gap == NO_GAP ? count == IP6_GROUPS : count < IP6_GROUPS;
}

bool ip6_text_parse(const char *s, size_t n, uint8_t ret[16])
{
    uint16_t groups[IP6_GROUPS];
    unsigned count, gap, to;

    if (!take_groups(s, n, groups, &count, &gap))
        return false;
    memset(ret, 0, 16);
    for (unsigned i = 0; i < count; i++) {
        to = i < gap ? i : IP6_GROUPS - count + i;
        ret[2 * to] = (uint8_t)(groups[i] >> 8);
        ret[2 * to + 1] = (uint8_t)groups[i];
    }
    return true;
}

unsigned ip_text_family(const char *s, size_t n)
{
    uint8_t six[16];
    struct ip4 four;

    if (ip4_text_parse(s, n, &four))
        return 4;
    return ip6_text_parse(s, n, six) ? 6 : 0;
}

unsigned ip_text_cidr(const char *s, size_t n)
{
    unsigned family, length = 0;
    size_t slash = 0, used;

    while (slash < n && s[slash] != '/')
        slash++;
    if (slash == n)
        return 0;
    family = ip_text_family(s, slash);
    used = take_number(s + slash + 1, n - slash - 1, family == 4 ? 32 : 128, &length);
    return used > 0 && used == n - slash - 1 && length > 0 ? family : 0;
}
