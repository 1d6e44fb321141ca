/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/text.h"

void text_init(struct text *t, char *buf, size_t size)
{
    *t = (struct text){.buf = buf, .size = size};
    buf[0] = '\0';
}

/* All or nothing, so that a UTF-8 sequence is never torn; nothing follows a cut. */
static void text_bytes(struct text *t, const void *bytes, size_t n)
{
    if (t->cut || n >= t->size - t->length) {
        t->cut = true;
        return;
    }
    memcpy(t->buf + t->length, bytes, n);
    t->length += n;
    t->buf[t->length] = '\0';
}

void text_char(struct text *t, char c)
{
    text_bytes(t, &c, 1);
}

void text_string(struct text *t, const char *s)
{
    for (; *s != '\0' && !t->cut; s++)
        text_char(t, *s);
}

/* Length of the well-formed UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates), 0 if there is none. */
static size_t utf8_sequence(const uint8_t *s, size_t n)
{
    uint8_t lead = s[0], second_min = 0x80, second_max = 0xbf;
    size_t length;

    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        length = 2;
    else if (lead >= 0xe0 && lead <= 0xef)
        length = 3;
    else if (lead >= 0xf0 && lead <= 0xf4)
        length = 4;
    else
        return 0;
    if (n < length)
        return 0;
    if (lead == 0xe0)
        second_min = 0xa0;
    if (lead == 0xed)
        second_max = 0x9f;
    if (lead == 0xf0)
        second_min = 0x90;
    if (lead == 0xf4)
        second_max = 0x8f;
    if (s[1] < second_min || s[1] > second_max)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* C0, DEL and C1: a terminal would obey them. */
static bool is_control(const uint8_t *s, size_t length)
{
    return (length == 1 && (s[0] < 0x20 || s[0] == 0x7f)) || (length == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

void text_untrusted(struct text *t, const void *bytes, size_t n)
{
    const uint8_t *s = bytes;

    while (n > 0 && *s != 0 && !t->cut) {
        size_t length = utf8_sequence(s, n);

        if (length == 0 || is_control(s, length))
            text_char(t, '?');
        else
            text_bytes(t, s, length);
        if (length == 0)
            length = 1;
        s += length;
        n -= length;
    }
}

/* By subtraction: a 64-bit division would need the compiler's library on 32-bit targets. */
void text_unsigned(struct text *t, uint64_t value)
{
    static const uint64_t powers[] = {10000000000000000000u, 1000000000000000000u, 100000000000000000u,
                                      10000000000000000u, 1000000000000000u, 100000000000000u, 10000000000000u,
                                      1000000000000u, 100000000000u, 10000000000u, 1000000000u, 100000000u, 10000000u,
                                      1000000u, 100000u, 10000u, 1000u, 100u, 10u};
    char digits[20];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
        char digit = '0';

        for (; value >= powers[i]; value -= powers[i])
            digit++;
        if (count > 0 || digit != '0')
            digits[count++] = digit;
    }
    digits[count++] = (char)('0' + value);
    text_bytes(t, digits, count);
}

void text_hex(struct text *t, uint64_t value, unsigned digits)
{
    char out[16];

    for (unsigned i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 0xf];
    text_bytes(t, out, digits);
}

void text_ip4(struct text *t, struct ip4 a)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            text_char(t, '.');
        text_unsigned(t, a.b[i]);
    }
}

void text_mac(struct text *t, const uint8_t mac[6], char separator)
{
    for (int i = 0; i < 6; i++) {
        if (i > 0)
            text_char(t, separator);
        text_hex(t, mac[i], 2);
    }
}
