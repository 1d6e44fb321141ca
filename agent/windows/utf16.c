/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/windows/utf16.h"

#include "agent/base/le.h"

/* RFC 3629. Returns the bytes of the first character, or 0. */
static unsigned utf8_next(const char *s, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)*s;
    unsigned n = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    uint32_t c = n == 1 ? first : first & (0x7fu >> n);

    for (unsigned i = 1; i < n; i++) {
        if (((uint8_t)s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)s[i] & 0x3f);
    }
    if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *ret = c;
    return n;
}

int utf16_encode(const char *text, uint8_t *ret, size_t size)
{
    size_t at = 0;

    while (*text) {
        uint32_t c = 0;
        unsigned n = utf8_next(text, &c), units = c > 0xffff ? 2 : 1;
        if (n == 0 || size - at < 2 * units)
            return -1;
        if (units == 2) {
            le16_write(ret + at, (uint16_t)(0xd7c0 + (c >> 10)));
            le16_write(ret + at + 2, (uint16_t)(0xdc00 | (c & 0x3ff)));
        } else {
            le16_write(ret + at, (uint16_t)c);
        }
        at += 2 * units;
        text += n;
    }
    return (int)at;
}

static unsigned utf8_put(uint32_t c, char *ret)
{
    unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (n == 1) {
        *ret = (char)c;
        return 1;
    }
    for (unsigned i = n; i-- > 1; c >>= 6)
        ret[i] = (char)(0x80 | (c & 0x3f));
    ret[0] = (char)((0xf00u >> n) | c);
    return n;
}

void utf16_decode(const uint8_t *bytes, size_t size, char *ret, size_t ret_size)
{
    size_t used = 0;
    char utf8[4];

    for (size_t at = 0; size - at >= 2; at += 2) {
        uint32_t c = le16_read(bytes + at);
        unsigned n;
        if (c == 0)
            break;
        if (c >= 0xd800 && c < 0xdc00 && size - at >= 4 && (le16_read(bytes + at + 2) & 0xfc00) == 0xdc00) {
            c = 0x10000 + ((c & 0x3ff) << 10 | (le16_read(bytes + at + 2) & 0x3ff));
            at += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = '?';
        }
        n = utf8_put(c, utf8);
        if (used + n + 1 > ret_size)
            break;
        for (unsigned i = 0; i < n; i++)
            ret[used++] = utf8[i];
    }
    ret[used] = '\0';
}
